import { Flex, Spinner } from '@chakra-ui/react';

export function PendingPage() {
  return (
    <Flex role="status" aria-label="Loading" minH="60vh" align="center" justify="center">
      <Spinner color="fg.subtle" size="sm" />
    </Flex>
  );
}
