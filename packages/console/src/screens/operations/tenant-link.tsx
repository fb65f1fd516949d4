import { Link as ChakraLink } from '@chakra-ui/react';
import { Link } from '@tanstack/react-router';
import { None } from '../../components/relative-time.tsx';

/** Leads to a tenant; called by its slug where that is known. */
export function TenantLink({ id, slug }: { readonly id: string | null; readonly slug?: string | null }) {
  if (id === null) return <None />;
  return (
    <ChakraLink
      asChild
      variant="plain"
      color="fg"
      fontFamily={slug ? undefined : 'mono'}
      _hover={{ textDecoration: 'underline' }}
    >
      <Link to="/tenants/$tenant" params={{ tenant: id }}>
        <bdi>{slug ?? id}</bdi>
      </Link>
    </ChakraLink>
  );
}
