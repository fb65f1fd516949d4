import { Box, Flex, Link as ChakraLink, Text } from '@chakra-ui/react';
import { Link } from '@tanstack/react-router';
import type { Finding } from '@tenantry/contract';
import { CodeBlock } from '../../components/code-block.tsx';
import { Details } from '../../components/details.tsx';
import { DrawerSection } from '../../components/detail-drawer.tsx';
import { ExactTime, None } from '../../components/relative-time.tsx';

/** What was found, how it is known, how it is mended, and since when. */
export function FindingDetails({ finding }: { readonly finding: Finding }) {
  const { message, subject, evidence, remediation, acceptance } = finding;
  return (
    <>
      <Text mb="5" overflowWrap="anywhere">
        {message}
      </Text>
      {acceptance !== null && finding.state === 'accepted' && (
        <Box mb="6" p="3" rounded="md" bg="violet.subtle" borderWidth="1px" borderColor="violet.muted">
          <Text fontWeight="semibold">Accepted by {acceptance.by.name}</Text>
          <Text overflowWrap="anywhere" dir="auto">
            {acceptance.reason}
          </Text>
          <Text fontSize="xs" color="fg.muted" mt="1">
            Until <ExactTime at={acceptance.until} />. It opens again then, if it is still there.
          </Text>
        </Box>
      )}
      <DrawerSection title="Remediation">
        {remediation === null ? (
          <Text color="fg.muted">No single statement mends this. What to do stands with the check.</Text>
        ) : (
          <CodeBlock code={remediation} label="Remediation SQL" language="sql" wrap />
        )}
        {remediation !== null && (
          <Text fontSize="xs" color="fg.muted" mt="1.5">
            Read it before you run it, as the control role or the owner of the object. The finding resolves by
            itself with the next run.
          </Text>
        )}
      </DrawerSection>
      <DrawerSection title="Finding">
        <Details
          items={[
            {
              name: 'Subject',
              value: (
                <Text fontFamily="mono" fontSize="xs">
                  {subject}
                </Text>
              ),
            },
            { name: 'Check', value: <CheckLink check={finding.check} title={finding.title} /> },
            { name: 'Tenant', value: <TenantLink finding={finding} /> },
            { name: 'Cell', value: finding.cell },
            { name: 'First seen', value: <ExactTime at={finding.firstSeenAt} /> },
            { name: 'Last seen', value: <ExactTime at={finding.lastSeenAt} /> },
            ...(finding.resolvedAt === null
              ? []
              : [{ name: 'Resolved', value: <ExactTime at={finding.resolvedAt} /> }]),
            {
              name: 'Opened',
              value: finding.timesOpened === 1 ? 'once' : `${finding.timesOpened} times: it came back`,
            },
            {
              name: 'Id',
              value: (
                <Text fontFamily="mono" fontSize="xs">
                  {finding.id}
                </Text>
              ),
            },
          ]}
        />
      </DrawerSection>
      {Object.keys(evidence).length > 0 && (
        <DrawerSection title="Evidence">
          <CodeBlock code={JSON.stringify(evidence, null, 2)} label="Evidence as JSON" language="json" wrap />
        </DrawerSection>
      )}
    </>
  );
}

function CheckLink({ check, title }: { readonly check: string; readonly title: string }) {
  return (
    <Flex direction="column" align="flex-start">
      <ChakraLink asChild color="brand.fg">
        <Link to="/isolation/posture" search={{ view: 'checks', check } as never}>
          {title}
        </Link>
      </ChakraLink>
      <Text fontFamily="mono" fontSize="xs" color="fg.muted">
        {check}
      </Text>
    </Flex>
  );
}

function TenantLink({ finding: { tenantId, tenantSlug } }: { readonly finding: Finding }) {
  if (tenantId === null) return <>every tenant</>;
  return (
    <ChakraLink asChild color="brand.fg">
      <Link to="/tenants/$tenant" params={{ tenant: tenantId }}>
        {tenantSlug ?? tenantId}
      </Link>
    </ChakraLink>
  );
}

/** The tenant of a finding in a table. */
export function FindingTenant({ finding: { tenantId, tenantSlug } }: { readonly finding: Finding }) {
  if (tenantId === null)
    return (
      <Text as="span" color="fg.muted">
        all
      </Text>
    );
  return tenantSlug === null && tenantId === '' ? <None /> : <>{tenantSlug ?? tenantId}</>;
}
