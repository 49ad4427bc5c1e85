/** What can be known about an event: client address, place, device, bot, source, visitor id. */
export {}
