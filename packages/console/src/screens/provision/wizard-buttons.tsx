import { Button, Flex } from '@chakra-ui/react';
import { ChevronLeft } from 'lucide-react';
import type { ReactNode } from 'react';

/** Back on the one side, what goes on on the other. */
export function WizardButtons({
  onBack,
  children,
}: {
  readonly onBack: () => void;
  readonly children: ReactNode;
}) {
  return (
    <Flex justify="space-between" gap="3" wrap="wrap">
      <Button size="sm" variant="outline" colorPalette="gray" onClick={onBack}>
        <ChevronLeft aria-hidden /> Back
      </Button>
      <Flex gap="2">{children}</Flex>
    </Flex>
  );
}
