export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="9" />
      <path d="M22 11.2A8 8 0 1 0 22 20.800" />
      <circle cx="22.600" cy="16" r="2.400" />
    </svg>
  );
}
