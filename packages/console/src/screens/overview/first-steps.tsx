import { Button, Flex } from '@chakra-ui/react';
import { Link } from '@tanstack/react-router';
import { Building2, Plus } from 'lucide-react';
import { CodeBlock } from '../../components/code-block.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Panel } from '../../components/page.tsx';
import { useCan } from '../../lib/session.ts';

/** What an overview shows before there is anything to look over. */
export function FirstSteps() {
  const can = useCan();
  return (
    <Panel flush>
      <EmptyState
        icon={Building2}
        title="Nothing to look over yet"
        action={
          can('tenants:write') && (
            <Flex direction="column" gap="5" align="center">
              <Button asChild size="sm">
                <Link to="/tenants/new">
                  <Plus aria-hidden /> Provision the first tenant
                </Link>
              </Button>
              <Flex direction="column" w="320px" maxW="full" textAlign="start">
                <CodeBlock label="or 25 of the sample, with data" code="npx tenantry demo" />
              </Flex>
            </Flex>
          )
        }
      >
        When there are tenants, this page says whether anything is wrong with them.
      </EmptyState>
    </Panel>
  );
}
