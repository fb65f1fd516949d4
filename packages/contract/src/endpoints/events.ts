import { endpoint } from './endpoint.ts';
import * as event from '../schemas/event.ts';

export const eventsEndpoints = {
  listenEvents: endpoint({
    method: 'GET',
    path: '/v1/events',
    summary:
      'Server-sent events; replays after Last-Event-ID, sends `resync` when that is no longer possible',
    tag: 'events',
    permission: 'operations:read',
    query: event.ListenEvents,
    status: 200,
    contentType: 'text/event-stream',
  }),
} as const;
