import { decodeOcteth, octethEventSchema } from '@millrace/protocols'
import type { EventRoute } from './event-route.ts'

export const octethRoutes: readonly EventRoute[] = [
  {
    path: '/api/v1/event',
    methods: ['POST'],
    protocol: 'octeth',
    decode: decodeOcteth,
    document: {
      summary: 'Takes one event of a subscriber of a list, as Octeth does',
      bodies: [
        { types: ['application/json', 'application/x-www-form-urlencoded'], schema: octethEventSchema },
      ],
      examples: {
        pageView: {
          type: 'application/json',
          body: {
            APIKey: 'k',
            ListID: 94,
            ID: 'user-id-2006',
            Event: 'pageView',
            Email: '2006@test.com',
            Properties: { $current_url: 'https://example.com/pricing', $page_title: 'Pricing' },
          },
        },
        conversion: {
          type: 'application/json',
          body: {
            APIKey: 'k',
            ListID: 94,
            Event: 'conversion',
            Email: '2006@test.com',
            Properties: {
              'conversion-id': 'my-order-234',
              'conversion-name': 'purchase',
              'conversion-value': 290.5,
            },
          },
        },
        identify: {
          type: 'application/json',
          headers: { authorization: 'Bearer k' },
          body: { ListID: 94, Event: 'identify', Email: '2006@test.com', Properties: { firstName: 'Jane' } },
        },
        form: {
          type: 'application/x-www-form-urlencoded',
          body: 'APIKey=k&ListID=94&Event=test&Email=2006%40test.com&Properties%5Bplan%5D=pro',
        },
      },
      answers: {
        200: 'The log has the event, or the disk that it waits on while the log is away.',
        400: 'The body is neither a JSON object nor a form.',
        401: 'Neither a known API key nor a known session id (code 99999).',
        422: 'A parameter is missing or wrong, by code: 4 list, 5 event, 6 and 7 email, 8 to 10 properties of a conversion.',
      },
    },
  },
]
