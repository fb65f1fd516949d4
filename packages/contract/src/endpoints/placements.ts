import { endpoint } from './endpoint.ts';
import * as placement from '../schemas/placement.ts';

export const placementsEndpoints = {
  getPlacement: endpoint({
    method: 'GET',
    path: '/v1/placements/{ref}',
    summary:
      'Say where an active tenant lives and how to connect: by id, by slug, or by `domain:` and a custom domain; takes If-None-Match',
    tag: 'placements',
    permission: 'placements:read',
    params: placement.PlacementRef,
    status: 200,
    response: placement.Placement,
  }),
} as const;
