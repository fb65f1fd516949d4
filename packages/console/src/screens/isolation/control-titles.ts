/** Frameworks as their readers write them. */
const frameworks: Readonly<Record<string, string>> = {
  SOC2: 'SOC 2',
  GDPR: 'GDPR',
  ISO27001: 'ISO 27001',
  ISO27017: 'ISO 27017',
  PCI: 'PCI DSS',
};

/** What a control is about, in our words. */
const titles: Readonly<Record<string, string>> = {
  'SOC2:CC4.1': 'Evaluations of whether controls are there and work',
  'SOC2:CC6.1': 'Logical access security over protected information',
  'SOC2:CC6.2': 'Access is registered and authorised, and removed when it ends',
  'SOC2:CC6.3': 'Access follows roles, least privilege and separation of duties',
  'SOC2:CC6.6': 'Protection against threats from outside the boundary',
  'SOC2:CC6.7': 'Restriction of the movement and removal of information',
  'SOC2:CC7.1': 'Detection of configuration changes and vulnerabilities',
  'SOC2:CC7.2': 'Monitoring for anomalies',
  'SOC2:CC8.1': 'Changes are authorised, tested and implemented as meant',
  'SOC2:C1.1': 'Confidential information is identified and protected',
  'SOC2:C1.2': 'Confidential information is disposed of',
  'GDPR:5(1)(f)': 'Integrity and confidentiality',
  'GDPR:5(2)': 'Accountability',
  'GDPR:17': 'Erasure',
  'GDPR:25': 'Data protection by design and by default',
  'GDPR:28(3)': 'Duties of a processor',
  'GDPR:30': 'Records of processing activities',
  'GDPR:32(1)(b)': 'Ongoing confidentiality and integrity',
  'GDPR:32(1)(d)': 'Regular testing of the effectiveness of measures',
  'GDPR:33': 'Notification of a breach',
  'ISO27001:A.5.15': 'Access control',
  'ISO27001:A.5.18': 'Access rights',
  'ISO27001:A.8.2': 'Privileged access rights',
  'ISO27001:A.8.3': 'Information access restriction',
  'ISO27001:A.8.9': 'Configuration management',
  'ISO27001:A.8.10': 'Information deletion',
  'ISO27001:A.8.15': 'Logging',
  'ISO27001:A.8.16': 'Monitoring activities',
  'ISO27001:A.8.22': 'Segregation of networks',
  'ISO27001:A.8.29': 'Security testing',
  'ISO27001:A.8.32': 'Change management',
  'ISO27017:CLD.9.5.1': 'Segregation in virtual computing environments',
  'PCI:A1.1.4': 'Separation of customers is confirmed at least every six months',
};

/** What a control is about; undefined for one that this console does not know. */
export function controlTitle(ref: string): string | undefined {
  return titles[ref];
}

/** `SOC 2` for `SOC2`. */
export function frameworkName(framework: string): string {
  return frameworks[framework] ?? framework;
}

/** `SOC 2 CC6.1`, `GDPR Art. 32(1)(b)`. */
export function controlName(ref: string): string {
  const [framework = '', clause = ''] = ref.split(/:(.*)/s);
  return `${frameworkName(framework)} ${framework === 'GDPR' ? 'Art. ' : ''}${clause}`;
}
