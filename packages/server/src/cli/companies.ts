/** A customer that `demo` makes up. */
export interface DemoCompany {
  readonly slug: string;
  readonly name: string;
  readonly plan: string;
  readonly labels: Readonly<Record<string, string>>;
}

const names = [
  'Alder & Finch',
  'Bluewater Freight',
  'Cobalt Robotics',
  'Dune Analytics',
  'Eastgate Clinics',
  'Fjordlys Energi',
  'Granite Legal',
  'Harvest Table',
  'Indigo Travel',
  'Juniper Schools',
  'Kestrel Aviation',
  'Lumen Studios',
  'Marlow Insurance',
  'Nimbus Hosting',
  'Oakridge Dental',
  'Pagoda Foods',
  'Quarry Minerals',
  'Riverside Homes',
  'Solstice Solar',
  'Tidal Fisheries',
  'Umbra Security',
  'Vela Logistics',
  'Willow Publishing',
  'Xenon Labs',
  'Yarrow Pharma',
] as const;

const plans = ['free', 'team', 'team', 'business', 'enterprise'] as const;
const regions = ['eu', 'eu', 'us', 'apac'] as const;
const industries = ['services', 'transport', 'manufacturing', 'software', 'health'] as const;

/** The first `count` customers; always the same ones. Beyond the list, branches of the same companies. */
export function demoCompanies(count: number): readonly DemoCompany[] {
  return Array.from({ length: count }, (_, at) => {
    const branch = Math.floor(at / names.length) + 1;
    const name = names[at % names.length]! + (branch === 1 ? '' : ` ${branch}`);
    return {
      slug: name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, ''),
      name,
      plan: plans[at % plans.length]!,
      labels: {
        demo: 'true',
        region: regions[at % regions.length]!,
        industry: industries[at % industries.length]!,
      },
    };
  });
}
