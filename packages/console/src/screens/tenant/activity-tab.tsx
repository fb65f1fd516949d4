import { Button, Flex } from '@chakra-ui/react';
import { Panel } from '../../components/page.tsx';
import { noteTrail, trailBefore } from '../../components/data-table/page-trail.ts';
import { useScreenSearch } from '../../lib/use-screen-search.ts';
import { Needs } from '../../components/forbidden.tsx';
import { Timeline } from './timeline.tsx';
import { useTenant } from './use-tenant.ts';

/** Everything that happened to the tenant, page by page. */
export function ActivityTab() {
  const { id } = useTenant();
  const [{ cursor }, setSearch] = useScreenSearch<{ readonly cursor?: string | undefined }>();
  return (
    <Needs permission="operations:read">
      <Panel flush>
        <Timeline tenant={id} limit={50} cursor={cursor}>
          {(next) =>
            (next !== null || cursor !== undefined) && (
              <Flex justify="flex-end" gap="2" p="2.5" borderTopWidth="1px">
                <Button
                  size="xs"
                  variant="outline"
                  colorPalette="gray"
                  disabled={cursor === undefined}
                  onClick={() => setSearch({ cursor: cursor && trailBefore(cursor) }, { push: true })}
                >
                  Newer
                </Button>
                <Button
                  size="xs"
                  variant="outline"
                  colorPalette="gray"
                  disabled={next === null}
                  onClick={() => {
                    if (next === null) return;
                    noteTrail(next, cursor);
                    setSearch({ cursor: next }, { push: true });
                  }}
                >
                  Older
                </Button>
              </Flex>
            )
          }
        </Timeline>
      </Panel>
    </Needs>
  );
}
