/** Web traffic that looks like the world's, and an open-loop sender that drives a server with it. */
export {}
