/**
 * The examples of the four documents as they are printed, with the vendors' hosts. Where a document was printed without its
 * punctuation (SuccessEve's `contact uid` is `contact_uid`), it is put back; nothing else is.
 */
export const plausibleExample = `curl -i -X POST https://plausible.io/api/event \\
-H 'User-Agent: Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_6) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/85.0.4183.121 Safari/537.36 OPR/71.0.3770.284' \\
-H 'X-Forwarded-For: 127.0.0.1' \\
-H 'Content-Type: application/json' \\
--data '{"name":"pageview","url":"http://dummy.site","domain":"dummy.site"}'`

/** Of the summary: it has neither the required siteCode nor an event. */
export const kameleoonSummaryExample = `curl --request POST \\
--url https://eu-data.kameleoon.io/visit/events \\
--header 'Content-Type: */*' \\
--data '"<string>"'`

export const kameleoonLines = `nonce=d2ce4d22083348fb&eventType=STATICDATA&browser=Safari&browserVersion=16.3&deviceType=DESKTOP&os=Windows
nonce=b0a4253d8acd01c7&eventType=PAGE&href=https%3A%2F%2Fwww.supersite.com%2Fsuperpage%3Fsuperparam%3Dtrue
nonce=4ca34741a6cc8a48&eventType=CONVERSION&goalId=2&revenue=24.99`

export const kameleoonJson = `[
  {
    "nonce": "d2ce4d22083348fb",
    "eventType": "STATICDATA",
    "browser": "Safari",
    "browserVersion": 16.3,
    "deviceType": "DESKTOP",
    "os": "Windows"
  },
  {
    "nonce": "b0a4253d8acd01c7",
    "eventType": "PAGE",
    "href": "https://www.supersite.com/superpage?superparam=true"
  }
]`

/**
 * The summary's call with the query and the body examples that the document describes: they assume a visitorCode there.
 * @param userAgent undefined: curl's own
 */
export function kameleoonCall(query: string, body: string, userAgent?: string): string {
  return `curl --request POST \\
--url 'https://eu-data.kameleoon.io/visit/events?${query}' \\
--header 'Content-Type: */*' ${userAgent === undefined ? '' : `--header 'user-agent: ${userAgent}' `}\\
--data '${body}'`
}

/** The body as printed, with its comment and the placeholder of the key. */
export const octethEvent = `{
// "SessionID": "{{sessionid}}"
"APIKey": "{{user_apikey}}",
"ListID": 94,
"id": "user-id-2006",
"event": "test",
"email": "2006@test.com",
"properties": {
"number-of-subscribers-imported": 100
}
}`

export const octethProperties = `{
// "SessionID":"{{sessionid}}",
"APIKey": "{{user_apikey}}",
"ListID": 3
}`

export function octethCall(path: string, body: string): string {
  return `curl -X POST https://octeth.example/api/v1/${path} --data '${body}'`
}

export const successeveEvent = `curl -X POST -H "content-type: application/json" \\
 -d '{
 "contact_uid": "123456", 
 "event_uid": "user_registration", 
 "params": {"account_uid": "78910", "display_name": "registration"}
 }' \\
 'https://api.salesmachine.io/v1/track/event?api_token=<your_api_token>'`

/** It lacks the last brace. */
export const successevePageview = `curl -X POST -H "content-type: application/json" -u 'your_api_token:' \\
 -d '{"contact_uid": "123456", "event_uid": "pageview", "params": {"account_uid": "78910", "visit_url": "http://myproduct.com/onboarding" }'\\
 'https://api.successeve.com/v1/track/event'`
