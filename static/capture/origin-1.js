// Says with a form where its visitor came from. Keeps nothing, unless the page says <html data-retour-consent="what was
// agreed to">: then the first and the last origin, for 90 days, until the attribute goes.
(() => {
  const NAME = "retour_origin", page = document, root = page.documentElement;
  const UTM = "rt utm_source utm_medium utm_campaign utm_term utm_content utm_source_platform".split(" ");
  const IDS = "gclid gbraid wbraid fbclid msclkid li_fat_id ttclid twclid epik".split(" ");
  let looked;

  const said = (names) => {
    const query = new URLSearchParams(location.search), found = {};
    for (const name of names) if (query.get(name)) found[name] = query.get(name).slice(0, 200);
    return found;
  };

  const keep = () => {
    const text = root.dataset.retourConsent;
    try {
      if (!text) return localStorage.removeItem(NAME);
      const kept = JSON.parse(localStorage.getItem(NAME) || "{}"), at = Date.now(), here = said([...UTM, ...IDS]);
      const host = page.referrer && new URL(page.referrer).host;
      if (host && host != location.host) here.referrer = host;
      for (const part of ["first", "last"]) if (!(kept[part]?.at > at - 90 * 864e5)) delete kept[part];
      if (!looked && Object.keys(here)[0]) {
        kept.last = { ...here, at };
        kept.first ||= kept.last;
      }
      looked = true;
      if (kept.consent?.text != text) kept.consent = { text, at };
      const whole = JSON.stringify(kept);
      localStorage.setItem(NAME, whole);
      return whole;
    } catch {}
  };

  page.addEventListener("submit", ({ target }) => {
    if (!target.matches("[data-retour]")) return;
    const sent = { ...said(UTM), [NAME]: keep() || "" };
    for (const name in sent) {
      const field = target.querySelector(`[name=${name}]`) || target.appendChild(page.createElement("input"));
      Object.assign(field, { type: "hidden", name, value: sent[name] });
    }
  }, true);
  new MutationObserver(keep).observe(root, { attributeFilter: ["data-retour-consent"] });
  keep();
})();
