import { Flex, Text, chakra } from '@chakra-ui/react';
import type { RunAttack } from '@tenantry/contract';
import { Check, CircleAlert, CircleX, Minus, TriangleAlert, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { count } from '../../lib/format.ts';
import { tallyOf, worstOf, type MatrixRow } from './matrix.ts';
import { attackWord } from './words.ts';

interface Look {
  readonly icon: LucideIcon;
  readonly palette: string;
}

/** On a positive control success is what is wanted, and a refusal what is wrong. */
function lookOf({ verdict, kind }: Pick<RunAttack, 'verdict' | 'kind'>): Look {
  if (kind === 'control') {
    if (verdict === 'hit') return { icon: Check, palette: 'violet' };
    return { icon: Minus, palette: 'slate' };
  }
  switch (verdict) {
    case 'held':
      return { icon: Check, palette: 'green' };
    case 'hit':
      return { icon: CircleX, palette: 'red' };
    case 'unexpected':
      return { icon: TriangleAlert, palette: 'red' };
    case 'residual':
      return { icon: CircleAlert, palette: 'amber' };
    case 'skipped':
      return { icon: Minus, palette: 'slate' };
  }
}

/** What an attack was answered on a target: a word, and PostgreSQL's code. */
export function AttackAnswer({
  answers,
  compact = false,
}: {
  readonly answers: readonly RunAttack[];
  readonly compact?: boolean;
}) {
  const answer = worstOf(answers);
  if (answer === undefined) {
    return (
      <Text as="span" color="fg.subtle">
        <span aria-hidden>·</span>
        <chakra.span srOnly>not run</chakra.span>
      </Text>
    );
  }
  return (
    <Answered answer={answer}>
      {!compact && answer.actual !== null && answer.verdict !== 'skipped' && (
        <Text as="span" fontFamily="mono" color="fg.muted">
          {answer.actual}
        </Text>
      )}
    </Answered>
  );
}

/** What the attacks of a family were answered on a target, counted. */
export function AnswerTally({
  rows,
  target,
}: {
  readonly rows: readonly MatrixRow[];
  readonly target: string;
}) {
  const tally = tallyOf(rows, target);
  if (tally.length === 0) return <AttackAnswer answers={[]} />;
  return (
    <Flex as="span" direction="column" gap="0.5" align="flex-start">
      {tally.map(({ answer, times }) => (
        <Answered key={answer.verdict} answer={answer}>
          <Text as="span" color="fg.muted" data-numeric>
            {count(times)}
          </Text>
        </Answered>
      ))}
    </Flex>
  );
}

interface AnsweredProps {
  readonly answer: Pick<RunAttack, 'verdict' | 'kind'>;
  readonly children: ReactNode;
}

/** An icon and a word of a verdict, and what is said besides. */
function Answered({ answer, children }: AnsweredProps) {
  const { icon: Icon, palette } = lookOf(answer);
  return (
    <Flex
      as="span"
      display="inline-flex"
      align="center"
      gap="1.5"
      fontSize="xs"
      colorPalette={palette}
      color="colorPalette.fg"
      whiteSpace="nowrap"
    >
      <Icon size={14} strokeWidth={2.25} aria-hidden />
      <Text as="span" fontWeight="medium">
        {attackWord(answer)}
      </Text>
      {children}
    </Flex>
  );
}
