import { Box, Flex, Text, chakra } from '@chakra-ui/react';
import { Check } from 'lucide-react';
import { wizardSteps, type WizardStep } from './routes.ts';

const names: Record<WizardStep, string> = {
  identity: 'Identity',
  template: 'Template',
  review: 'Review',
  run: 'Run',
};

interface StepListProps {
  readonly current: WizardStep;
  /** Undefined while nothing can be changed any more. */
  readonly onGo?: (step: WizardStep) => void;
}

/** Where in the wizard one is. Steps that are done lead back to them. */
export function StepList({ current, onGo }: StepListProps) {
  const at = wizardSteps.indexOf(current);
  return (
    <Flex
      as="ol"
      aria-label="Steps"
      listStyleType="none"
      gap={{ base: '2', sm: '3' }}
      mb="6"
      align="center"
      wrap="wrap"
    >
      {wizardSteps.map((step, index) => {
        const done = index < at;
        return (
          <Flex
            as="li"
            key={step}
            align="center"
            gap={{ base: '2', sm: '3' }}
            aria-current={step === current ? 'step' : undefined}
          >
            {index > 0 && <Box w={{ base: '3', sm: '8' }} h="1px" bg="border.emphasized" aria-hidden />}
            {done && onGo ? (
              <chakra.button
                type="button"
                rounded="md"
                focusVisibleRing="outside"
                cursor="pointer"
                onClick={() => onGo(step)}
              >
                <StepName number={index + 1} name={names[step]} state="done" />
              </chakra.button>
            ) : (
              <StepName
                number={index + 1}
                name={names[step]}
                state={done ? 'done' : step === current ? 'current' : 'later'}
              />
            )}
          </Flex>
        );
      })}
    </Flex>
  );
}

interface StepNameProps {
  readonly number: number;
  readonly name: string;
  readonly state: 'done' | 'current' | 'later';
}

function StepName({ number, name, state }: StepNameProps) {
  return (
    <Flex as="span" align="center" gap="2">
      <Flex
        as="span"
        boxSize="6"
        rounded="full"
        align="center"
        justify="center"
        fontSize="xs"
        fontWeight="semibold"
        bg={state === 'current' ? 'brand.solid' : state === 'done' ? 'brand.subtle' : 'bg.muted'}
        color={state === 'current' ? 'brand.contrast' : state === 'done' ? 'brand.fg' : 'fg.muted'}
        aria-hidden
      >
        {state === 'done' ? <Check size={14} /> : number}
      </Flex>
      <Text
        as="span"
        fontWeight={state === 'current' ? 'semibold' : 'medium'}
        color={state === 'later' ? 'fg.muted' : undefined}
      >
        {/* On a narrow screen the current one is named, and the numbers tell how many there are. */}
        <chakra.span srOnly={state === 'current' ? undefined : { base: true, sm: false }}>{name}</chakra.span>
        {state === 'done' && <chakra.span srOnly> (done)</chakra.span>}
      </Text>
    </Flex>
  );
}
