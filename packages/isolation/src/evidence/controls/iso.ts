import type { Clause } from './piece.ts';

const framework = 'ISO/IEC 27001:2022 (Annex A)';

/** Annex A of ISO/IEC 27001:2022, and the cloud controls of ISO/IEC 27017. */
export const iso: readonly Clause[] = [
  {
    framework,
    clause: 'A.5.15',
    title: 'Access control',
    rests: ['matrix', 'audit', 'oracle'],
    shows:
      'The rule that a login reaches its tenant’s schema alone, and that PostgreSQL enforces it for every pair.',
    doesNotShow: 'The organisation’s policy, and access to anything but the database.',
  },
  {
    framework,
    clause: 'A.5.18',
    title: 'Access rights',
    rests: ['matrix', 'lifecycle', 'exceptions'],
    shows:
      'Which rights exist at the time of the report, which came and went with tenants, and which deviations somebody has accepted until when.',
    doesNotShow: 'The review of rights of persons.',
  },
  {
    framework,
    clause: 'A.8.2',
    title: 'Privileged access rights',
    rests: ['matrix', 'audit'],
    shows:
      'Every role that reaches more than one tenant, by name, and that the control role is no superuser.',
    doesNotShow: 'Who holds the passwords of those roles.',
  },
  {
    framework,
    clause: 'A.8.3',
    title: 'Information access restriction',
    rests: ['oracle', 'attacks', 'matrix'],
    shows:
      'That access to a customer’s information is restricted to that customer’s login, shown by rights and by refused attempts.',
    doesNotShow: 'Restrictions inside of one tenant.',
  },
  {
    framework,
    clause: 'A.8.9',
    title: 'Configuration management',
    rests: ['audit', 'series', 'findings'],
    shows:
      'That the configuration of roles, rights and objects is compared with its design at every run, and where it differed.',
    doesNotShow: 'The configuration of operating systems and networks.',
  },
  {
    framework,
    clause: 'A.8.10',
    title: 'Information deletion',
    rests: ['lifecycle', 'audit'],
    shows: 'That purged tenants have left nothing in the database.',
    doesNotShow: 'Deletion from backups and from media.',
  },
  {
    framework,
    clause: 'A.8.15',
    title: 'Logging',
    rests: ['series', 'chain'],
    shows: 'That runs, findings and reports are logged in a way that shows later changes.',
    doesNotShow: 'Logs of the application.',
  },
  {
    framework,
    clause: 'A.8.16',
    title: 'Monitoring activities',
    rests: ['series', 'findings'],
    shows: 'That the separation is monitored, at which interval, and every time in which it was not.',
    doesNotShow: 'Monitoring of other systems, and the handling of alarms.',
  },
  {
    framework,
    clause: 'A.8.22',
    title: 'Segregation of networks and services',
    rests: ['attacks', 'audit', 'residual'],
    shows: 'The segregation of customers inside of a shared database service, and what they still share.',
    doesNotShow: 'The segregation of networks.',
  },
  {
    framework,
    clause: 'A.8.29',
    title: 'Security testing in development and acceptance',
    rests: ['attacks', 'controls', 'faults', 'lifecycle'],
    shows: 'That each tenant is tested before acceptance, with tests that are shown to be able to fail.',
    doesNotShow: 'Tests of the application.',
  },
  {
    framework,
    clause: 'A.8.32',
    title: 'Change management',
    rests: ['series', 'lifecycle', 'findings'],
    shows: 'That runs follow changes, and whether a change has opened anything.',
    doesNotShow: 'Planning and approval of changes.',
  },
  {
    framework: 'ISO/IEC 27017',
    clause: 'CLD.9.5.1',
    title: 'Segregation in virtual computing environments',
    rests: ['attacks', 'oracle', 'audit', 'matrix', 'residual'],
    shows:
      'That a cloud customer’s part of the shared database is segregated from that of other customers and from the provider’s own administration schema.',
    doesNotShow: 'The segregation of virtual machines, storage and networks below the database.',
  },
];
