import { chakra } from '@chakra-ui/react';

/** The first stop of Tab: over the navigation, to what the page is about. */
export function SkipLink() {
  return (
    <chakra.a
      href="#main"
      onClick={(event) => {
        // The address is the state of the screen; a fragment would change it.
        event.preventDefault();
        document.getElementById('main')?.focus();
      }}
      position="fixed"
      top="2"
      insetStart="2"
      zIndex="skipNav"
      px="3"
      py="2"
      rounded="md"
      bg="bg.panel"
      borderWidth="1px"
      shadow="md"
      fontWeight="medium"
      transform="translateY(-200%)"
      _focusVisible={{ transform: 'none', outline: '2px solid', outlineColor: 'brand.focusRing' }}
    >
      Skip to content
    </chakra.a>
  );
}
