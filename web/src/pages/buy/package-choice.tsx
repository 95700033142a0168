import type { Package } from "../../api/types";
import { credits, money, number } from "../../i18n/format";
import { messages } from "../../i18n/language";

interface PackageChoiceProps {
  packages: Package[];
  chosen: Package;
  onChoose: (id: string) => void;
}

/** What is on sale, side by side. */
export function PackageChoice({ packages, chosen, onChoose }: PackageChoiceProps) {
  return (
    <fieldset class="packages">
      <legend>{messages.value.buy.choose}</legend>
      {packages.map((offer) => (
        <PackageCard
          key={offer.id}
          offer={offer}
          checked={offer.id === chosen.id}
          onChoose={() => onChoose(offer.id)}
        />
      ))}
    </fieldset>
  );
}

interface PackageCardProps {
  offer: Package;
  checked: boolean;
  onChoose: () => void;
}

function PackageCard({ offer, checked, onChoose }: PackageCardProps) {
  const t = messages.value.buy;
  const perCredit = offer.amount / (offer.credits + offer.bonus_credits);
  return (
    <label class="option-card package">
      <input type="radio" name="package" value={offer.id} checked={checked} onChange={onChoose} />
      <span class="option-body">
        <strong class="package-name">{offer.name}</strong>
        <span class="package-credits">
          <span class="figure-large" aria-hidden="true">
            {number(offer.credits)}
          </span>{" "}
          <span class="visually-hidden">{credits(offer.credits)}</span>
        </span>
        <span class="tag package-bonus" data-empty={offer.bonus_credits === 0}>
          {t.bonus(number(offer.bonus_credits))}
        </span>
        <span class="package-price">{money(offer.amount, offer.currency)}</span>
        <span class="muted package-terms">
          {t.perCredit(money(perCredit, offer.currency))}
          <br />
          {offer.expires_after_days ? t.valid(offer.expires_after_days) : t.forever}
        </span>
      </span>
    </label>
  );
}
