import { IconButton, chakra, type IconButtonProps } from '@chakra-ui/react';
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';

interface CopyButtonProps extends Omit<IconButtonProps, 'aria-label' | 'children'> {
  readonly text: string;
  /** What is copied, as "tenant id": the button is called "Copy tenant id". */
  readonly what: string;
}

/** Copies a text and says so, to eyes and to screen readers. */
export function CopyButton({ text, what, ...props }: CopyButtonProps) {
  const [copied, setCopied] = useState<'yes' | 'failed'>();
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(undefined), 1_600);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <>
      <IconButton
        type="button"
        variant="ghost"
        size="2xs"
        color="fg.muted"
        aria-label={`Copy ${what}`}
        title={`Copy ${what}`}
        onClick={(event) => {
          event.stopPropagation();
          navigator.clipboard.writeText(text).then(
            () => setCopied('yes'),
            () => setCopied('failed'),
          );
        }}
        {...props}
      >
        {copied === 'yes' ? <Check aria-hidden /> : <Copy aria-hidden />}
      </IconButton>
      <chakra.span srOnly aria-live="polite">
        {copied === 'yes' && `Copied ${what}`}
        {copied === 'failed' && `The browser did not allow copying ${what}`}
      </chakra.span>
    </>
  );
}
