#include "model/data/meaning/identifier_names.h"

#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "model/data/meaning/column_name.h"

namespace roicast {

namespace {

// "customer_no", "Order number", "Kundennr.", "Bestellnummer": numbers that name something. "Number of orders" and
// "orders_no" count.
bool IsNumberOfSomething(const ColumnName& column) {
  static const auto& things = *new absl::flat_hash_set<absl::string_view>{
      "customer",  "client",   "order",   "account",  "invoice",   "contract", "campaign", "item",        "article",
      "product",   "ticket",   "member",  "user",     "booking",   "policy",   "case",     "transaction", "ref",
      "reference", "serial",   "store",   "shop",     "vendor",    "supplier", "model",    "part",        "kunden",
      "kunde",     "auftrags", "bestell", "konto",    "rechnungs", "artikel",  "vertrags", "kampagnen",   "cliente",
      "pedido",    "factura",  "conta",   "ordine",   "fattura",   "commande", "facture",  "compte",      "klant",
      "ad",        "adgroup",  "lead",    "employee", "staff",     "document", "job",      "project",     "phone"};
  const std::string& last = column.words.back();
  for (const absl::string_view ending : {"nummer", "kundennr", "artikelnr", "bestellnr", "auftragsnr", "kontonr",
                                         "rechnungsnr", "vertragsnr", "kampagnennr"}) {
    if (absl::EndsWith(last, ending) && last != "nummer") return true;
  }
  if (column.words.size() < 2) return false;
  for (const absl::string_view number : {"no", "nr", "num", "number", "nummer", "numero", "numer", "номер"}) {
    if (last == number) return things.contains(column.words[column.words.size() - 2]);
  }
  return false;
}

}  // namespace

bool IsNamedLikeIdentifier(absl::string_view name) {
  static const auto& last_words = *new absl::flat_hash_set<absl::string_view>{
      "id",       "ids",      "uuid",       "guid",         "zip",     "zipcode", "postcode", "postal",    "code",
      "plz",      "cep",      "cap",        "pincode",      "sku",     "skus",    "asin",     "ean",       "upc",
      "gtin",     "isbn",     "gclid",      "fbclid",       "msclkid", "phone",   "tel",      "telephone", "telefon",
      "telefono", "iban",     "codepostal", "postleitzahl", "codigo",  "fips",    "naics",    "geoid",     "ip",
      "邮编",     "郵便番号", "编号",       "編號",         "电话"};
  const ColumnName column = ReadColumnName(name);
  if (column.words.empty()) return false;
  const std::string& last = column.words.back();
  // A promotion's cap is a number; the Italian postal code stands alone.
  if (last == "cap" || last == "ip" || last == "tel") return column.words.size() == 1;
  if (last_words.contains(last) || IsNumberOfSomething(column)) return true;
  for (const absl::string_view part : {"postalcode", "zipcode", "postcode", "codepostal", "codigopostal"}) {
    if (absl::StrContains(column.joined, part)) return true;
  }
  const std::string& first = column.words.front();
  return column.words.size() == 2 && (first == "id" || first == "code" || first == "zip") && last != "count";
}

}  // namespace roicast
