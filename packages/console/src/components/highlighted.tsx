import { chakra } from '@chakra-ui/react';
import { useEffect, useState } from 'react';

export type CodeLanguage = 'ts' | 'sh' | 'sql' | 'json';

/** Longer than this, colours take longer than they help. */
const mostCharacters = 60_000;

/** Code in colours, which come when they are loaded; until then, and where it is very long, it is plain. */
export function Highlighted({ code, language }: { readonly code: string; readonly language: CodeLanguage }) {
  const [coloured, setColoured] = useState<{ readonly code: string; readonly html: string }>();
  useEffect(() => {
    if (code.length > mostCharacters) return undefined;
    let isCurrent = true;
    const colour = async () => {
      const { highlight } = await import('./highlight.ts');
      if (isCurrent) setColoured({ code, html: highlight(code, language) });
    };
    void colour();
    return () => {
      isCurrent = false;
    };
  }, [code, language]);
  if (coloured?.code !== code) return <code>{code}</code>;
  return <chakra.code css={colours} dangerouslySetInnerHTML={{ __html: coloured.html }} />;
}

const colours = {
  '& .hljs-comment, & .hljs-quote': { color: 'fg.subtle' },
  '& .hljs-keyword, & .hljs-built_in, & .hljs-literal, & .hljs-type': { color: 'violet.fg' },
  '& .hljs-string, & .hljs-regexp': { color: 'green.fg' },
  '& .hljs-number, & .hljs-meta, & .hljs-symbol': { color: 'amber.fg' },
  '& .hljs-title, & .hljs-attr, & .hljs-property': { color: 'blue.fg' },
};
