import { useEffect, useRef } from 'react';
import { addCommand, type Command } from './registry.ts';

/** Offers a command while the component is there. Its `run` may change freely; everything else is looked at by value. */
export function useCommand(command: Command | false): void {
  const run = useRef(() => {});
  useEffect(() => {
    run.current = command === false ? () => {} : command.run;
  });
  const { id, label, group, keys, words, keysOnly } = command === false ? ({} as Partial<Command>) : command;
  useEffect(() => {
    if (id === undefined || label === undefined || group === undefined) return undefined;
    return addCommand({
      id,
      label,
      group,
      ...(keys === undefined ? {} : { keys }),
      ...(words === undefined ? {} : { words }),
      ...(keysOnly === undefined ? {} : { keysOnly }),
      run: () => run.current(),
    });
  }, [id, label, group, keys, words, keysOnly]);
}
