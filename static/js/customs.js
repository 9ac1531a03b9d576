// select[data-customs]: choosing a country fills in what is usual there, in the fields that nobody has touched.

const country = document.querySelector("select[data-customs]");
const fields = ["currency", "language", "time_zone"].map((name) => document.getElementById(`id_${name}`));
const touched = new Set(fields.filter((field) => field?.value));

if (country) {
  const customs = JSON.parse(country.dataset.customs);
  const fill = () => {
    const usual = customs[country.value] ?? ["", "", ""];
    fields.forEach((field, at) => {
      if (!touched.has(field)) field.value = usual[at];
    });
  };
  fields.forEach((field) => field.addEventListener("change", () => touched.add(field)));
  country.addEventListener("change", fill);
  fill();
}
