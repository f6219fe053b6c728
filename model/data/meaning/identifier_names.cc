#include "model/data/meaning/identifier_names.h"

#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "model/data/meaning/column_name.h"

namespace roicast {

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
  if (last_words.contains(last)) return true;
  for (const absl::string_view part : {"postalcode", "zipcode", "postcode", "codepostal", "codigopostal"}) {
    if (absl::StrContains(column.joined, part)) return true;
  }
  const std::string& first = column.words.front();
  return column.words.size() == 2 && (first == "id" || first == "code" || first == "zip") && last != "count";
}

}  // namespace roicast
