import type { Clause } from './piece.ts';

const framework = 'GDPR';

/** Articles of Regulation (EU) 2016/679. */
export const gdpr: readonly Clause[] = [
  {
    framework,
    clause: 'Art. 5(1)(f)',
    title: 'Integrity and confidentiality',
    rests: ['attacks', 'audit', 'oracle', 'residual'],
    shows:
      'That processing for one customer is protected against access by another customer of the same database.',
    doesNotShow: 'Protection against loss, and against access by staff of the processor.',
  },
  {
    framework,
    clause: 'Art. 5(2)',
    title: 'Accountability',
    rests: ['chain', 'series', 'exceptions'],
    shows:
      'A record of what was verified, when and by whom, that cannot be changed afterwards without being noticed.',
    doesNotShow: 'The lawfulness of the processing.',
  },
  {
    framework,
    clause: 'Art. 17',
    title: 'Erasure',
    rests: ['lifecycle', 'audit'],
    shows:
      'That the data of purged tenants is gone from the database together with its schema, roles and large objects.',
    doesNotShow: 'The erasure of single persons inside of a tenant, and of backups before they expire.',
  },
  {
    framework,
    clause: 'Art. 25',
    title: 'Data protection by design and by default',
    rests: ['audit', 'lifecycle', 'matrix'],
    shows:
      'That separation is a property of the design, enforced by the database for each tenant from its first moment.',
    doesNotShow: 'Minimisation and storage periods, which are the application’s.',
  },
  {
    framework,
    clause: 'Art. 28(3)',
    title: 'Duties of a processor, among them to make evidence available',
    rests: ['chain', 'population', 'attacks'],
    shows:
      'A report for each customer about that customer’s separation, which can be checked without trust in the processor’s systems.',
    doesNotShow: 'The contract, the instructions, and the sub-processors.',
  },
  {
    framework,
    clause: 'Art. 30',
    title: 'Records of processing activities',
    rests: ['population', 'matrix'],
    shows:
      'The part of a record that describes technical measures for the separation of customers, with the population they apply to.',
    doesNotShow: 'Purposes, categories of persons and data, recipients and periods.',
  },
  {
    framework,
    clause: 'Art. 32(1)(b)',
    title: 'Ongoing confidentiality, integrity, availability and resilience',
    rests: ['attacks', 'audit', 'series'],
    shows: 'Confidentiality and integrity between customers, verified on an ongoing basis.',
    doesNotShow: 'Availability and resilience.',
  },
  {
    framework,
    clause: 'Art. 32(1)(d)',
    title: 'Regular testing of the effectiveness of measures',
    rests: ['series', 'controls', 'faults', 'attacks'],
    shows:
      'That the measure is tested regularly, that the tests succeed where they must succeed, and what share of deliberate weakenings they noticed.',
    doesNotShow: 'Tests of other measures, and of the organisation.',
  },
  {
    framework,
    clause: 'Art. 33',
    title: 'Notification of a breach',
    rests: ['findings', 'series'],
    shows:
      'When a weakness of the separation was first and last seen, and whether one was open in the period: facts that a notification needs.',
    doesNotShow: 'Whether a weakness was used, and that somebody was notified.',
  },
];
