import { SegmentGroup } from '@chakra-ui/react';

interface ViewSwitchProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly onChange: (value: string) => void;
}

/** One of a few ways to see the same. */
export function ViewSwitch({ label, value, options, onChange }: ViewSwitchProps) {
  return (
    <SegmentGroup.Root
      size="sm"
      value={value}
      onValueChange={(details) => details.value !== null && onChange(details.value)}
      aria-label={label}
    >
      <SegmentGroup.Indicator />
      {options.map((option) => (
        <SegmentGroup.Item key={option.value} value={option.value} cursor="pointer">
          <SegmentGroup.ItemText>{option.label}</SegmentGroup.ItemText>
          <SegmentGroup.ItemHiddenInput />
        </SegmentGroup.Item>
      ))}
    </SegmentGroup.Root>
  );
}
