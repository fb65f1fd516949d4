import type { FastifyReply } from 'fastify';
import { htmlPage, escapeHtml } from './html.ts';
import type { Reach } from './reach.ts';

/** Why somebody who came from the OpenID provider is not signed in. */
export type RefusalReason = 'notAdmitted' | 'expired' | 'denied' | 'failed' | 'unavailable';

interface Refusal {
  readonly status: number;
  readonly title: string;
  readonly text: string;
}

const refusals: Readonly<Record<RefusalReason, Refusal>> = {
  notAdmitted: {
    status: 403,
    title: 'You have no access to this console',
    text: 'The sign-in itself went well, but none of your groups has a role here. Ask whoever runs this installation for access; signing in once more is needed afterwards.',
  },
  expired: {
    status: 400,
    title: 'This sign-in is too old',
    text: 'It was begun in another browser, or more than ten minutes ago. Begin it again.',
  },
  denied: {
    status: 403,
    title: 'The sign-in was refused',
    text: 'The provider did not let you in, or you cancelled. Begin it again, or ask whoever runs the provider.',
  },
  failed: {
    status: 502,
    title: 'The sign-in did not work',
    text: 'The answer of the provider could not be accepted. Begin it again; if that does not help, the log of the control plane says why under the request id below.',
  },
  unavailable: {
    status: 502,
    title: 'The provider cannot be reached',
    text: 'Try again in a moment. An API key works without the provider.',
  },
};

/** The page that says so: what to do next, and nothing of what was received. */
export function sendRefusalPage(
  reply: FastifyReply,
  reach: Reach,
  reason: RefusalReason,
  { requestId, who }: { readonly requestId: string; readonly who?: string },
): FastifyReply {
  const { status, title, text } = refusals[reason];
  const name = who === undefined ? '' : `<p>You are ${escapeHtml(who)}.</p>`;
  const body = `${name}<p>${text}</p>
    <p><a href="${reach.prefix}/">Back to the console</a></p>
    <p class="small">Request ${escapeHtml(requestId)}</p>`;
  return htmlPage(reply, status, title, body);
}
