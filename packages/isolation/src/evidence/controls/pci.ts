import type { Clause } from './piece.ts';

/** Appendix A1 of PCI DSS 4.0, for providers that serve several customers from one environment. */
export const pci: readonly Clause[] = [
  {
    framework: 'PCI DSS 4.0',
    clause: 'A1.1.4',
    title: 'Separation of customers is confirmed by penetration testing at least every six months',
    rests: ['attacks', 'controls', 'faults', 'series'],
    shows:
      'Dated attacks from one customer’s environment against another’s in the database, with their results, and the time between them.',
    doesNotShow:
      'Penetration tests of the network and the application, and the tester’s independence and qualification.',
  },
];
