import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { Tenant } from '@tenantry/contract';
import { read } from '../../lib/api.ts';

/** The tenant of the address. Only in the tabs of its screen, which shows them when it is there. */
export function useTenant(): Tenant {
  const { tenant } = useParams({ from: '/shell/tenants/$tenant' });
  const { data } = useQuery(read('getTenant', { params: { tenant } }));
  if (!data) throw new Error('useTenant needs the screen of a tenant above it.');
  return data;
}
