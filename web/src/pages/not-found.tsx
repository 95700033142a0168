import { messages } from "../i18n/language";
import { Link } from "../routing/link";
import { Page } from "../ui/page";

export function NotFoundPage() {
  const t = messages.value.notFound;
  return (
    <Page title={t.title} narrow>
      <p class="muted">{t.hint}</p>
      <Link to="/" class="button button-primary">
        {t.home}
      </Link>
    </Page>
  );
}
