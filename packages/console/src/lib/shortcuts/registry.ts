/** Something that a person can do by the keyboard, from the palette, and read about in the help sheet. */
export interface Command {
  readonly id: string;
  readonly label: string;
  readonly group: string;
  /** Keys with spaces between: `g t`, `mod+k`, `?`. Without them it is in the palette only. */
  readonly keys?: string;
  /** More words that find it in the palette. */
  readonly words?: string;
  /** Not in the palette: it makes sense where the focus is only, as j and k. */
  readonly keysOnly?: boolean;
  readonly run: () => void;
}

/** Keys of a sequence have to follow each other within this time. */
const sequenceMs = 1_000;

const commands = new Map<string, Command>();
const listeners = new Set<() => void>();
let snapshot: readonly Command[] = [];

/** Adds a command; gives the way to take it away. A later one with the same id replaces it. */
export function addCommand(command: Command): () => void {
  commands.set(command.id, command);
  publish();
  return () => {
    if (commands.get(command.id) !== command) return;
    commands.delete(command.id);
    publish();
  };
}

/** Every command there is now. */
export function allCommands(): readonly Command[] {
  return snapshot;
}

export function onCommands(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}

function publish(): void {
  snapshot = [...commands.values()];
  for (const changed of listeners) changed();
}

/** Listens to the keyboard for the whole page. Called once. */
export function startShortcuts(): void {
  let pressed: readonly string[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  window.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing || event.repeat) return;
    const key = nameOf(event);
    const withModifier = key.startsWith('mod+');
    if (!withModifier && (isTyping(event.target) || isModalOpen())) return;
    clearTimeout(timer);
    pressed = [...pressed, key];
    const found = match(pressed) ?? match([key]);
    if (found) {
      event.preventDefault();
      pressed = [];
      found.run();
      return;
    }
    const begins = snapshot.some(({ keys }) => keys?.startsWith(`${pressed.join(' ')} `));
    if (!begins) pressed = [];
    timer = setTimeout(() => (pressed = []), sequenceMs);
  });
}

function match(pressed: readonly string[]): Command | undefined {
  const text = pressed.join(' ');
  return snapshot.findLast(({ keys }) => keys === text);
}

function nameOf(event: KeyboardEvent): string {
  const modifier = event.metaKey || event.ctrlKey ? 'mod+' : event.altKey ? 'alt+' : '';
  return modifier + (event.key.length === 1 && !event.shiftKey ? event.key.toLowerCase() : event.key);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
    ? !(target instanceof HTMLInputElement && /^(?:checkbox|radio|button)$/.test(target.type))
    : target.getAttribute('role') === 'menuitem';
}

function isModalOpen(): boolean {
  return (
    document.querySelector('[role=dialog][data-state=open], [role=alertdialog][data-state=open]') !== null
  );
}
