import { Box, Button } from '@chakra-ui/react';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import { Needs } from '../../components/forbidden.tsx';
import { Page } from '../../components/page.tsx';
import { api, keyOf } from '../../lib/api.ts';
import { useScreenSearch } from '../../lib/use-screen-search.ts';
import { requestOf, useDraft } from './draft.ts';
import { IdentityStep } from './identity-step.tsx';
import { ReviewStep } from './review-step.tsx';
import type { ProvisionSearch, WizardStep } from './routes.ts';
import { RunStep } from './run-step.tsx';
import { StepList } from './step-list.tsx';
import { TemplateStep } from './template-step.tsx';

/** Identity, template, review, run. The draft is this browser's, the run is the server's: leaving loses neither. */
export function ProvisionScreen() {
  return (
    <Page
      title="Provision a tenant"
      width="narrow"
      above={
        <Box mb="2" ms="-2">
          <Button asChild size="xs" variant="ghost" colorPalette="gray" color="fg.muted">
            <Link to="/tenants">
              <ChevronLeft aria-hidden /> Tenants
            </Link>
          </Button>
        </Box>
      }
    >
      <Needs permission="tenants:write">
        <Wizard />
      </Needs>
    </Page>
  );
}

function Wizard() {
  const [{ step, operation }, setSearch] = useScreenSearch<ProvisionSearch>();
  const queries = useQueryClient();
  const { draft, change, discard } = useDraft();
  const go = (next: WizardStep) => setSearch({ step: next, operation: undefined }, { push: true });
  const run = async () => {
    const { operation: started } = await api.call('createTenant', {
      body: requestOf(draft),
      idempotencyKey: draft.idempotencyKey,
    });
    queries.setQueryData(keyOf('getOperation', { params: { operation: started.id } }), started);
    // The request was answered; the next one, also of the same draft, is another.
    change({});
    setSearch({ step: 'run', operation: started.id }, { push: true });
  };

  if (operation !== undefined) {
    return (
      <>
        <StepList current="run" />
        <RunStep
          operation={operation}
          onAnother={() => {
            discard();
            go('identity');
          }}
          onEdit={() => go('identity')}
          onDone={discard}
        />
      </>
    );
  }
  // A step that lacks what it needs begins where that is given.
  const current = draft.slug.trim() === '' || step === undefined || step === 'run' ? 'identity' : step;
  return (
    <>
      <StepList current={current} onGo={go} />
      {current === 'identity' && (
        <IdentityStep draft={draft} onChange={change} onNext={() => go('template')} />
      )}
      {current === 'template' && (
        <TemplateStep
          draft={draft}
          onChange={change}
          onBack={() => go('identity')}
          onNext={() => go('review')}
        />
      )}
      {current === 'review' && <ReviewStep draft={draft} onBack={() => go('template')} onRun={run} />}
    </>
  );
}
