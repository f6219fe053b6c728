#include "base/tables/spelling/month_names.h"

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_split.h"
#include "base/tables/spelling/letter_case.h"

namespace roicast {
namespace {

constexpr size_t kLongestWord = 20;

// A line a month: English, German, French, Spanish, Italian, Portuguese, Dutch and abbreviations, then Scandinavian,
// Polish, Turkish and Russian.
constexpr absl::string_view kMonths[] = {
    "january januar jänner janvier enero gennaio janeiro januari jan janv ene gen jän stycznia styczeń sty ocak oca "
    "января январь янв",
    "february februar feber février fevrier febrero febbraio fevereiro februari feb févr fevr fév fev febr lutego luty "
    "lut şubat şub февраля февраль фев",
    "march märz maerz mars marzo março marco maart mar mär mrz mrt marts mart marca marzec марта март мар",
    "april avril abril aprile apr avr abr kwietnia kwiecień kwi nisan nis апреля апрель апр",
    "may mai mayo maggio maio mei mag maja maj mayıs мая май",
    "june juni juin junio giugno junho jun giu czerwca czerwiec cze haziran haz июня июнь июн",
    "july juli juillet julio luglio julho jul juil lug lipca lipiec lip temmuz tem июля июль июл",
    "august août aout agosto augustus aug ago augusti sierpnia sierpień sie ağustos ağu августа август авг",
    "september septembre septiembre setiembre settembre setembro sep sept set września wrzesień wrz eylül eyl сентября "
    "сентябрь сен сент",
    "october oktober octobre octubre ottobre outubro oct okt ott out października październik paź ekim eki октября "
    "октябрь окт",
    "november novembre noviembre novembro nov listopada listopad lis kasım kas ноября ноябрь ноя",
    "december dezember décembre decembre diciembre dicembre dezembro dec dez déc dic desember grudnia grudzień gru "
    "aralık ara декабря декабрь дек",
};

constexpr absl::string_view kFillers =
    "st nd rd th er º of the de del do d le el il den der "
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun "
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi fr sa so "
    "lundi mardi mercredi jeudi vendredi samedi dimanche lun mer jeu ven sam dim "
    "lunes martes miércoles miercoles jueves viernes sábado sabado domingo mié jue vie sáb dom "
    "lunedì martedì mercoledì giovedì venerdì domenica gio "
    "segunda terça quarta quinta sexta feira seg ter qua qui sex "
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag ma wo vr za zo "
    "г";

}  // namespace

int MonthOfName(absl::string_view word) {
  static const auto* const months = [] {
    auto* map = new absl::flat_hash_map<absl::string_view, int>;
    int month = 0;
    for (const absl::string_view names : kMonths) {
      ++month;
      for (const absl::string_view name : absl::StrSplit(names, ' ')) map->emplace(name, month);
    }
    return map;
  }();
  if (word.size() > kLongestWord) return 0;
  const auto found = months->find(LowerCase(word));
  return found == months->end() ? 0 : found->second;
}

bool IsDateFiller(absl::string_view word) {
  static const auto* const fillers = new absl::flat_hash_set<absl::string_view>(absl::StrSplit(kFillers, ' '));
  return word.size() <= kLongestWord && fillers->contains(LowerCase(word));
}

}  // namespace roicast
