import { Box, Flex, Text, chakra } from '@chakra-ui/react';
import { ChevronRight } from 'lucide-react';
import { Fragment } from 'react';
import { plural } from '../../lib/format.ts';
import { useNarrow } from '../../lib/use-media.ts';
import { AttackAnswer } from './attack-answer.tsx';
import { AttackDetails } from './attack-details.tsx';
import type { Matrix, MatrixColumn, MatrixRow } from './matrix.ts';
import { familyWords, targetWords } from './words.ts';

interface AttackMatrixProps {
  readonly matrix: Matrix;
  readonly manyCells: boolean;
  /** The attack whose details are shown. */
  readonly open: string | undefined;
  readonly onOpen: (attack: string | undefined) => void;
}

/** Every attack over every target; a row opens into what was sent and what was answered. */
export function AttackMatrix(props: AttackMatrixProps) {
  return useNarrow() ? <AttackList {...props} /> : <AttackTable {...props} />;
}

function AttackTable({ matrix, manyCells, open, onOpen }: AttackMatrixProps) {
  const own = matrix.columns.filter(({ kind }) => kind !== 'control');
  const controls = matrix.columns.filter(({ kind }) => kind === 'control');
  return (
    <Box overflowX="auto" tabIndex={0} role="region" aria-label="Attack matrix" focusVisibleRing="inside">
      <chakra.table w="full" fontSize="sm" css={cells}>
        <thead>
          <tr>
            <chakra.th rowSpan={2} scope="col" textAlign="start" verticalAlign="bottom">
              Attack
            </chakra.th>
            {own.length > 0 && (
              <chakra.th colSpan={own.length} scope="colgroup" textAlign="start" pb="0">
                Tenantry must refuse
              </chakra.th>
            )}
            {controls.length > 0 && (
              <chakra.th
                colSpan={controls.length}
                scope="colgroup"
                textAlign="start"
                pb="0"
                borderStartWidth="1px"
              >
                Positive controls must be hit
              </chakra.th>
            )}
          </tr>
          <tr>
            {[...own, ...controls].map((column) => (
              <chakra.th
                key={column.target}
                scope="col"
                textAlign="start"
                fontWeight="medium"
                {...edgeOf(column, controls)}
              >
                {targetWords[column.target] ?? column.target}
              </chakra.th>
            ))}
          </tr>
        </thead>
        {matrix.families.map(({ family, rows }) => (
          <tbody key={family}>
            <tr>
              <chakra.th
                scope="rowgroup"
                colSpan={1 + matrix.columns.length}
                textAlign="start"
                bg="bg.subtle"
                fontSize="xs"
                fontWeight="semibold"
              >
                {familyWords[family] ?? family}{' '}
                <Text as="span" color="fg.muted" fontWeight="normal">
                  {plural(rows.length, 'attack')}
                </Text>
              </chakra.th>
            </tr>
            {rows.map((row) => (
              <Fragment key={row.attack}>
                <chakra.tr _hover={{ bg: 'bg.subtle' }} data-attack={row.attack}>
                  <chakra.th scope="row" textAlign="start" fontWeight="normal" maxW="420px">
                    <Toggle row={row} open={open === row.attack} onOpen={onOpen} />
                  </chakra.th>
                  {[...own, ...controls].map((column) => (
                    <chakra.td key={column.target} {...edgeOf(column, controls)}>
                      <AttackAnswer answers={row.cells.get(column.target) ?? []} />
                    </chakra.td>
                  ))}
                </chakra.tr>
                {open === row.attack && (
                  <tr>
                    <chakra.td colSpan={1 + matrix.columns.length} p="0!">
                      <AttackDetails row={row} manyCells={manyCells} />
                    </chakra.td>
                  </tr>
                )}
              </Fragment>
            ))}
          </tbody>
        ))}
      </chakra.table>
    </Box>
  );
}

function AttackList({ matrix, manyCells, open, onOpen }: AttackMatrixProps) {
  return (
    <>
      {matrix.families.map(({ family, rows }) => (
        <Box key={family}>
          <Text px="4" py="2" bg="bg.subtle" fontSize="xs" fontWeight="semibold" borderBottomWidth="1px">
            {familyWords[family] ?? family}
          </Text>
          <Box as="ul" listStyleType="none">
            {rows.map((row) => (
              <Box as="li" key={row.attack} borderBottomWidth="1px" data-attack={row.attack}>
                <Box px="4" py="2.5">
                  <Toggle row={row} open={open === row.attack} onOpen={onOpen} />
                  <Flex as="dl" columnGap="4" rowGap="1" wrap="wrap" mt="1.5" ps="5" fontSize="xs">
                    {matrix.columns.map(({ target, kind }) =>
                      row.cells.has(target) ? (
                        <Flex key={target} gap="1.5" align="center">
                          <chakra.dt color="fg.muted">
                            {targetWords[target] ?? target}
                            {kind === 'control' && ' (control)'}
                          </chakra.dt>
                          <dd>
                            <AttackAnswer answers={row.cells.get(target) ?? []} compact />
                          </dd>
                        </Flex>
                      ) : null,
                    )}
                  </Flex>
                </Box>
                {open === row.attack && <AttackDetails row={row} manyCells={manyCells} />}
              </Box>
            ))}
          </Box>
        </Box>
      ))}
    </>
  );
}

interface ToggleProps {
  readonly row: MatrixRow;
  readonly open: boolean;
  readonly onOpen: (attack: string | undefined) => void;
}

function Toggle({ row, open, onOpen }: ToggleProps) {
  return (
    <chakra.button
      type="button"
      aria-expanded={open}
      onClick={() => onOpen(open ? undefined : row.attack)}
      display="flex"
      alignItems="flex-start"
      gap="1.5"
      textAlign="start"
      cursor="pointer"
      rounded="sm"
      focusVisibleRing="outside"
    >
      <Box
        mt="1"
        color="fg.subtle"
        transform={open ? 'rotate(90deg)' : undefined}
        transition="transform 0.15s"
        aria-hidden
      >
        <ChevronRight size={14} />
      </Box>
      <span>
        {sentence(row.title)}{' '}
        <Text as="span" color="fg.muted" fontSize="xs">
          {row.level}
        </Text>
      </span>
    </chakra.button>
  );
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A line before the first of the positive controls. */
function edgeOf(
  column: MatrixColumn,
  controls: readonly MatrixColumn[],
): { readonly borderStartWidth?: string } {
  return column === controls[0] ? { borderStartWidth: '1px' } : {};
}

const cells = {
  borderCollapse: 'collapse',
  '& th, & td': { px: '3', py: '2', borderBottomWidth: '1px', verticalAlign: 'middle' },
  '& th:first-of-type': { ps: '4' },
  '& thead th': { color: 'fg.muted', fontSize: 'xs', fontWeight: 'medium', whiteSpace: 'nowrap' },
  '& tbody:last-of-type tr:last-of-type > *': { borderBottomWidth: '0' },
};
