import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import json from 'highlight.js/lib/languages/json';
import pgsql from 'highlight.js/lib/languages/pgsql';
import typescript from 'highlight.js/lib/languages/typescript';
import type { CodeLanguage } from './highlighted.tsx';

hljs.registerLanguage('sh', bash);
hljs.registerLanguage('json', json);
hljs.registerLanguage('sql', pgsql);
hljs.registerLanguage('ts', typescript);

/** HTML of the code, with a span for each part that has a colour. What the code says is escaped. */
export function highlight(code: string, language: CodeLanguage): string {
  return hljs.highlight(code, { language, ignoreIllegals: true }).value;
}
