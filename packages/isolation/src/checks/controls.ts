/** The controls that several checks are evidence for, by what they are about. */
export const controls = {
  /** Who may reach which data. */
  access: [
    'SOC2:CC6.1',
    'SOC2:C1.1',
    'GDPR:5(1)(f)',
    'GDPR:32(1)(b)',
    'ISO27001:A.5.15',
    'ISO27001:A.8.3',
    'ISO27017:CLD.9.5.1',
  ],
  /** Who may do what an administrator does. */
  administration: ['SOC2:CC6.1', 'SOC2:CC6.3', 'ISO27001:A.8.2', 'ISO27001:A.5.18', 'GDPR:32(1)(b)'],
  /** Who is given access, and loses it again. */
  accounts: ['SOC2:CC6.2', 'SOC2:CC6.3', 'ISO27001:A.5.18', 'ISO27001:A.8.10', 'GDPR:17'],
  /** That what runs is what was meant to run. */
  configuration: ['SOC2:CC7.1', 'SOC2:CC8.1', 'ISO27001:A.8.9', 'ISO27001:A.8.32', 'GDPR:32(1)(d)'],
  /** Ways out of the database. */
  boundary: ['SOC2:CC6.6', 'SOC2:CC6.7', 'ISO27001:A.8.22', 'ISO27017:CLD.9.5.1', 'GDPR:32(1)(b)'],
  /** What catalogs tell of customers. */
  confidentiality: ['SOC2:C1.1', 'GDPR:25', 'GDPR:5(1)(f)'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
