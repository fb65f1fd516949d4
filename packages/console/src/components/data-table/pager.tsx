import { Button, Flex, IconButton, NativeSelect, Text } from '@chakra-ui/react';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { count, plural } from '../../lib/format.ts';
import { noteTrail, trailBefore } from './page-trail.ts';
import type { DataPage, ListPosition } from './types.ts';

export const pageSizes = [25, 50, 100] as const;
export const defaultPageSize = 50;

interface PagerProps {
  readonly page: DataPage<unknown> | undefined;
  readonly position: ListPosition;
  readonly onMove: (position: ListPosition) => void;
  /** What the items are, as "tenant". */
  readonly noun: string;
}

/** Which part of how many is shown, and the way to the next part. */
export function Pager({ page, position, onMove, noun }: PagerProps) {
  const { cursor, limit = defaultPageSize } = position;
  const number = position.page ?? 1;
  if (!page) return <Flex h="12" />;
  const from = (number - 1) * limit + 1;
  const to = from + page.items.length - 1;
  const many =
    page.total === undefined
      ? undefined
      : page.totalIsExact === false
        ? `${count(page.total - 1)}+`
        : count(page.total);
  const oneForAll = cursor === undefined && page.nextCursor === null;
  const back = () => {
    if (cursor === undefined) return;
    const before = trailBefore(cursor);
    onMove({ limit: position.limit, cursor: before, page: before ? number - 1 : undefined });
  };
  const next = () => {
    if (page.nextCursor === null) return;
    noteTrail(page.nextCursor, cursor);
    onMove({ limit: position.limit, cursor: page.nextCursor, page: number + 1 });
  };
  return (
    <Flex
      align="center"
      justify="space-between"
      gap="3"
      px="3"
      minH="12"
      py="2"
      borderTopWidth="1px"
      wrap="wrap"
    >
      <Text color="fg.muted" fontSize="xs" aria-live="polite" data-numeric>
        {page.items.length === 0
          ? `No ${noun}s`
          : oneForAll
            ? plural(page.items.length, noun)
            : `${count(from)}–${count(to)}${many === undefined ? '' : ` of ${many}`}`}
      </Text>
      <Flex align="center" gap="2">
        {(!oneForAll || page.items.length > pageSizes[0]) && (
          <NativeSelect.Root size="xs" w="auto">
            <NativeSelect.Field
              aria-label="Rows on a page"
              value={String(limit)}
              onChange={(event) => onMove({ limit: Number(event.target.value) })}
              rounded="md"
            >
              {pageSizes.map((size) => (
                <option key={size} value={size}>
                  {size} rows
                </option>
              ))}
            </NativeSelect.Field>
            <NativeSelect.Indicator />
          </NativeSelect.Root>
        )}
        {cursor !== undefined && number > 2 && (
          <Button
            size="xs"
            variant="ghost"
            colorPalette="gray"
            onClick={() => onMove({ limit: position.limit })}
          >
            First page
          </Button>
        )}
        {!oneForAll && (
          <>
            <IconButton
              size="xs"
              variant="outline"
              colorPalette="gray"
              aria-label="Previous page"
              disabled={cursor === undefined}
              onClick={back}
            >
              <ChevronLeft aria-hidden />
            </IconButton>
            <IconButton
              size="xs"
              variant="outline"
              colorPalette="gray"
              aria-label="Next page"
              disabled={page.nextCursor === null}
              onClick={next}
            >
              <ChevronRight aria-hidden />
            </IconButton>
          </>
        )}
      </Flex>
    </Flex>
  );
}
