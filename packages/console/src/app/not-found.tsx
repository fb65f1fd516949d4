import { Button } from '@chakra-ui/react';
import { Link, createRoute } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { EmptyState } from '../components/empty-state.tsx';
import { Page } from '../components/page.tsx';
import { shellRoute } from './shell-route.tsx';

/** Every other address: the navigation stays, so that one finds the way. */
export const notFoundRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '$',
  component: NotFound,
});

export function NotFound() {
  return (
    <Page title="Not found">
      <EmptyState
        icon={Compass}
        title="There is no page at this address"
        action={
          <Button asChild size="sm" variant="outline" colorPalette="gray">
            <Link to="/">Go to the overview</Link>
          </Button>
        }
      >
        The link may be old, or mistyped.
      </EmptyState>
    </Page>
  );
}
