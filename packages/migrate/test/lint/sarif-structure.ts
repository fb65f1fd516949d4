/**
 * The objects of SARIF 2.1.0 that the linter writes, as its published JSON schema has them: the properties that are
 * allowed (those of the schema that a log of ours could ever have), required, and what they hold.
 */
type Check = (value: unknown, path: string) => readonly string[];

const is =
  (what: string, test: (value: unknown) => boolean): Check =>
  (value, path) =>
    test(value) ? [] : [`${path} is not ${what}`];

const string = is('a string', (value) => typeof value === 'string');
const boolean = is('a boolean', (value) => typeof value === 'boolean');
const positive = is('an integer from 1', (value) => Number.isInteger(value) && Number(value) >= 1);
const index = is('an integer from -1', (value) => Number.isInteger(value) && Number(value) >= -1);
const uri = is('a URI', (value) => typeof value === 'string' && URL.canParse(value));
const reference = is('a URI reference', (value) => {
  return (
    typeof value === 'string' && URL.canParse(value, 'https://example.org/') && !/[\s"<>\\^`{|}]/.test(value)
  );
});
const oneOf = (...values: readonly string[]): Check =>
  is(`one of ${values.join(', ')}`, (value) => typeof value === 'string' && values.includes(value));

const list =
  (item: Check, unique = false): Check =>
  (value, path) => {
    if (!Array.isArray(value)) return [`${path} is not a list`];
    const texts = value.map((one) => JSON.stringify(one));
    const twice = unique && new Set(texts).size < texts.length ? [`${path} has an item twice`] : [];
    return [...twice, ...value.flatMap((one, i) => item(one, `${path}[${i}]`))];
  };

const object =
  (required: readonly string[], properties: Readonly<Record<string, Check>>): Check =>
  (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path} is no object`];
    const entries = Object.entries(value);
    const missing = required
      .filter((key) => !Object.hasOwn(value, key))
      .map((key) => `${path}.${key} is missing`);
    return [
      ...missing,
      ...entries.flatMap(
        ([key, one]) => properties[key]?.(one, `${path}.${key}`) ?? [`${path}.${key} is unknown`],
      ),
    ];
  };

const level = oneOf('none', 'note', 'warning', 'error');
const multiformat = object(['text'], { text: string, markdown: string });
const region = object([], {
  startLine: positive,
  startColumn: positive,
  endLine: positive,
  endColumn: positive,
});
const location = object([], {
  physicalLocation: object([], {
    artifactLocation: object([], { uri: reference, uriBaseId: string }),
    region,
  }),
});
/** A property bag may hold anything; its tags are strings, each once. */
const propertyBag = object([], { tags: list(string, true), lock: string });

const rule = object(['id'], {
  id: string,
  name: string,
  shortDescription: multiformat,
  fullDescription: multiformat,
  help: multiformat,
  helpUri: uri,
  defaultConfiguration: object([], { enabled: boolean, level }),
  properties: propertyBag,
});

const result = object(['message'], {
  ruleId: string,
  ruleIndex: index,
  level,
  message: object([], { text: string, markdown: string }),
  locations: list(location),
  suppressions: list(
    object(['kind'], {
      kind: oneOf('inSource', 'external'),
      status: oneOf('accepted', 'underReview', 'rejected'),
      justification: string,
    }),
    true,
  ),
});

const log = object(['version', 'runs'], {
  $schema: uri,
  version: oneOf('2.1.0'),
  runs: list(
    object(['tool'], {
      tool: object(['driver'], {
        driver: object(['name'], { name: string, semanticVersion: string, rules: list(rule, true) }),
      }),
      columnKind: oneOf('utf16CodeUnits', 'unicodeCodePoints'),
      results: list(result),
    }),
  ),
});

/** What of a log is not as SARIF 2.1.0 wants it; nothing where it is. */
export function sarifProblems(value: unknown): readonly string[] {
  return log(value, '$');
}
