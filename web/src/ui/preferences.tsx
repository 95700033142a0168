import {
  LANGUAGES,
  type Language,
  language,
  messages,
  rememberLanguage,
  speak,
} from "../i18n/language";
import { setTheme, THEMES, type Theme, theme } from "../state/theme";

/** Language and theme. */
export function Preferences() {
  const t = messages.value.nav;
  const changeLanguage = (wanted: Language) => {
    rememberLanguage(wanted);
    speak(wanted);
  };
  return (
    <div class="preferences">
      <Choice<Language>
        label={t.language}
        name="language"
        options={LANGUAGES}
        chosen={language.value}
        onChoose={changeLanguage}
      />
      <Choice<Theme>
        label={t.theme}
        name="theme"
        options={
          Object.fromEntries(THEMES.map((it) => [it, t.themes[it]])) as Record<Theme, string>
        }
        chosen={theme.value}
        onChoose={setTheme}
      />
    </div>
  );
}

interface ChoiceProps<Option extends string> {
  label: string;
  name: string;
  options: Record<Option, string>;
  chosen: Option;
  onChoose: (option: Option) => void;
}

function Choice<Option extends string>({
  label,
  name,
  options,
  chosen,
  onChoose,
}: ChoiceProps<Option>) {
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">{label}</legend>
      {(Object.keys(options) as Option[]).map((option) => (
        <label key={option} lang={name === "language" ? option : undefined}>
          <input
            type="radio"
            name={name}
            value={option}
            checked={option === chosen}
            onChange={() => onChoose(option)}
          />
          <span>{options[option]}</span>
        </label>
      ))}
    </fieldset>
  );
}
