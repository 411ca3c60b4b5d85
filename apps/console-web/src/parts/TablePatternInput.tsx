import { TextInput } from '@mantine/core';

interface TablePatternInputProps {
  readonly value: string;
  readonly onChange: (pattern: string) => void;
}

/** Which tables are meant, written as the commands take it. */
export const TablePatternInput = ({ value, onChange }: TablePatternInputProps) => (
  <TextInput
    label="Table"
    description="database.table; * stands for any characters; empty: every table"
    value={value}
    onChange={(event) => onChange(event.currentTarget.value)}
  />
);
