import { Box, Flex, Text, chakra } from '@chakra-ui/react';
import { CopyButton } from './copy-button.tsx';
import { Highlighted, type CodeLanguage } from './highlighted.tsx';

interface CodeBlockProps {
  readonly code: string;
  /** What it is, for the title and for screen readers: "SQL", "V2__orders.sql". */
  readonly label: string;
  /** In colours; plain without it. */
  readonly language?: CodeLanguage | undefined;
  /** Highest it grows before it scrolls. */
  readonly maxHeight?: string;
  /** Breaks long lines instead of scrolling sideways. */
  readonly wrap?: boolean;
}

/** Code with a title and a way to copy it. It can be scrolled by the keyboard. */
export function CodeBlock({ code, label, language, maxHeight = '320px', wrap = false }: CodeBlockProps) {
  return (
    <Box borderWidth="1px" rounded="md" overflow="hidden" bg="bg.subtle" minW="0">
      <Flex align="center" justify="space-between" ps="3" pe="1.5" h="8" borderBottomWidth="1px">
        <Text fontSize="xs" color="fg.muted" fontFamily="mono" truncate title={label}>
          {label}
        </Text>
        <CopyButton text={code} what={label} />
      </Flex>
      <chakra.pre
        tabIndex={0}
        role="region"
        aria-label={label}
        m="0"
        p="3"
        fontFamily="mono"
        fontSize="xs"
        lineHeight="1.6"
        maxH={maxHeight}
        overflow="auto"
        whiteSpace={wrap ? 'pre-wrap' : 'pre'}
        overflowWrap={wrap ? 'anywhere' : undefined}
        focusVisibleRing="inside"
        dir="ltr"
      >
        {language === undefined ? code : <Highlighted code={code} language={language} />}
      </chakra.pre>
    </Box>
  );
}

/** A name of the machine in running text: an id, a role, a file. It is copied with one click where `copy` is given. */
export function Mono({ children, copy }: { readonly children: string; readonly copy?: string }) {
  return (
    <chakra.span display="inline-flex" alignItems="center" gap="0.5" maxW="full" minW="0">
      <chakra.span fontFamily="mono" fontSize="0.92em" truncate title={children}>
        {children}
      </chakra.span>
      {copy !== undefined && <CopyButton text={children} what={copy} />}
    </chakra.span>
  );
}
