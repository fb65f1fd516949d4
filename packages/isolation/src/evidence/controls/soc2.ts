import type { Clause } from './piece.ts';

const framework = 'SOC 2 (Trust Services Criteria)';

/** Trust Services Criteria: security and confidentiality. */
export const soc2: readonly Clause[] = [
  {
    framework,
    clause: 'CC4.1',
    title: 'Evaluations of whether controls are there and work',
    rests: ['series', 'audit', 'attacks', 'controls', 'faults', 'chain'],
    shows:
      'That the separation of tenants is evaluated again and again, in three independent ways, that each evaluation is on record, and that the evaluation itself is tested by weakening a copy on purpose.',
    doesNotShow:
      'Evaluations of any control outside the database, and what management decided on the results.',
  },
  {
    framework,
    clause: 'CC6.1',
    title: 'Logical access security over protected information',
    rests: ['audit', 'oracle', 'attacks', 'controls', 'matrix', 'residual'],
    shows:
      'That each tenant has a schema, an owner and a login of its own, that PostgreSQL grants no login rights on another tenant’s schema, and that attempts to cross were refused.',
    doesNotShow:
      'How the application authenticates its users, and who may reach the operating system, the disks or the backups.',
  },
  {
    framework,
    clause: 'CC6.2',
    title: 'Access is registered and authorised before it is given, and removed when it ends',
    rests: ['population', 'lifecycle', 'matrix', 'audit'],
    shows:
      'That every login of a tenant belongs to a tenant in the registry, that logins without one are findings, and which tenants were opened, suspended and purged in the period.',
    doesNotShow: 'The approval of the persons who work with the system; the audit trail names them.',
  },
  {
    framework,
    clause: 'CC6.3',
    title: 'Access follows roles, least privilege and separation of duties',
    rests: ['matrix', 'audit', 'oracle'],
    shows:
      'The rights of every role on every tenant’s schema as PostgreSQL gives them, and that a login can neither define nor own anything in its schema.',
    doesNotShow: 'Whether the roles of persons in the application fit their tasks.',
  },
  {
    framework,
    clause: 'CC6.6',
    title: 'Protection against threats from outside the boundary',
    rests: ['attacks', 'audit', 'controls'],
    shows:
      'That an attacker who has injected SQL into one tenant’s connection stays inside of that tenant, and that functions and extensions that leave the database are out of reach.',
    doesNotShow: 'Firewalls, transport encryption and the application’s own defence against injection.',
  },
  {
    framework,
    clause: 'CC6.7',
    title: 'Restriction of the transmission, movement and removal of information',
    rests: ['audit', 'attacks'],
    shows:
      'That tenants cannot export by foreign servers, publications, replication slots, server files or programs, and that nothing in the catalogs offers a way to.',
    doesNotShow: 'Encryption in transit, and what the application sends to others.',
  },
  {
    framework,
    clause: 'CC7.1',
    title: 'Detection of configuration changes that introduce vulnerabilities',
    rests: ['audit', 'series', 'faults', 'findings'],
    shows:
      'That every deviation of roles, rights, owners, settings and objects from the design is reported as a finding with the time it was first seen, and what share of deliberate weakenings was noticed.',
    doesNotShow:
      'Vulnerabilities of the operating system and the application; of PostgreSQL only a minor version below the floor.',
  },
  {
    framework,
    clause: 'CC7.2',
    title: 'Monitoring for anomalies',
    rests: ['series', 'findings'],
    shows:
      'That monitoring of the separation ran without interruption, or where it was interrupted, and what it saw.',
    doesNotShow: 'The reaction to alarms, and monitoring of anything but the separation of tenants.',
  },
  {
    framework,
    clause: 'CC8.1',
    title: 'Changes are tested and approved before they take effect',
    rests: ['lifecycle', 'audit', 'series'],
    shows:
      'That a tenant is attacked by a neighbour before it is opened, and that changes of the schema by migrations are followed by a look at the catalogs.',
    doesNotShow: 'Review and approval of the changes themselves.',
  },
  {
    framework,
    clause: 'C1.1',
    title: 'Confidential information is identified and kept',
    rests: ['population', 'matrix', 'residual'],
    shows:
      'Where each customer’s information lies, who can reach it there, and what of it remains visible to others.',
    doesNotShow: 'The classification of what customers store.',
  },
  {
    framework,
    clause: 'C1.2',
    title: 'Confidential information is disposed of',
    rests: ['lifecycle', 'audit', 'population'],
    shows:
      'Which tenants were purged, and that no schema, role or large object without a tenant in the registry is left.',
    doesNotShow: 'The disposal of backups, and of copies outside the database.',
  },
];
