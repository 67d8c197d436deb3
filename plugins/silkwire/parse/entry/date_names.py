"""Names in dates: months in the languages of the feeds, halves of the day, time zones.

Each month name means the same month in every language listed. Croatian is left out: its `listopad`
is October, that of Czech and Polish is November.
"""

_MONTHS = (
    "january jan jänner jänn januar januari janvier janv enero ene gennaio gen janeiro leden "
    "ledna ianuarie ian styczeń stycznia sty január tammikuu tammikuuta ocak oca январь января "
    "янв януари ιανουάριος ιανουαρίου ιαν ינואר ינו يناير ม.ค. มกราคม jaanuar janvāris sausio "
    "siječnja január tháng1 січень січня січ",
    "february feb februar februari février févr fév fevrier febrero febbraio febb fevereiro fev "
    "únor února febr februarie luty lutego lut február helmikuu helmikuuta şubat şub февраль "
    "февраля фев февр февруари φεβρουάριος φεβρουαρίου φεβ פברואר פבר فبراير ก.พ. กุมภาพันธ์ "
    "veebruar vasario februára tháng2 лютий лютого лют",
    "march mar märz mrz mär maart mrt mars marzo março marco březen března martie marzec marca "
    "mart március márc maaliskuu maaliskuuta март марта мар μάρτιος μαρτίου μαρ מרץ مارس มี.ค. "
    "มีนาคม märts kovo marec tháng3 березень березня бер",
    "april apr avril avr abril abr aprile aprilie duben dubna kwiecień kwietnia kwi április ápr "
    "huhtikuu huhtikuuta nisan nis апрель апреля апр април απρίλιος απριλίου απρ אפריל אפר "
    "أبريل ابريل เม.ย. เมษายน aprill balandžio apríl apríla tháng4 квітень квітня кві квіт",
    "may mai mayo maggio mag maio mei maj květen května maja május máj toukokuu toukokuuta "
    "mayıs май мая μάιος μαΐου μαι מאי مايو พ.ค. พฤษภาคม gegužės mája tháng5 травень травня тра "
    "трав",
    "june jun juni juin junio giugno giu junho červen června iunie iun czerwiec czerwca cze "
    "június jún kesäkuu kesäkuuta haziran haz июнь июня июн юни ιούνιος ιουνίου ιουν יוני يونيو "
    "มิ.ย. มิถุนายน juuni birželio júna tháng6 червень червня чер черв",
    "july jul juli juillet juil julio luglio lug julho červenec července iulie iul lipiec lipca "
    "lip július júl heinäkuu heinäkuuta temmuz tem июль июля июл юли ιούλιος ιουλίου ιουλ יולי "
    "يوليو ก.ค. กรกฎาคม juuli liepos júla tháng7 липень липня лип",
    "august aug augusti août aout agosto ago srpen srpna augustus sierpień sierpnia sie "
    "augusztus elokuu elokuuta ağustos ağu август августа авг αύγουστος αυγούστου αυγ אוגוסט "
    "אוג أغسطس ส.ค. สิงหาคม rugpjūčio augusta tháng8 серпень серпня сер серп",
    "september sep sept septembre septiembre setiembre settembre sett setembro set září "
    "septembrie wrzesień września wrz szeptember szept syyskuu syyskuuta eylül eyl сентябрь "
    "сентября сен сент септември септ σεπτέμβριος σεπτεμβρίου σεπ ספטמבר ספט سبتمبر ก.ย. "
    "กันยายน rugsėjo septembra tháng9 вересень вересня вер",
    "october oct oktober okt octobre octubre ottobre ott outubro out říjen října octombrie "
    "październik października paź október lokakuu lokakuuta ekim eki октябрь октября окт "
    "октомври οκτώβριος οκτωβρίου οκτ אוקטובר אוק أكتوبر ต.ค. ตุลาคม oktoober spalio októbra "
    "tháng10 жовтень жовтня жов жовт",
    "november nov novembre noviembre novembro listopad listopadu noiembrie noi listopada lis "
    "marraskuu marraskuuta kasım kas ноябрь ноября ноя нояб ноември νοέμβριος νοεμβρίου νοε "
    "נובמבר נוב نوفمبر พ.ย. พฤศจิกายน lapkričio novembra tháng11 листопад листопада лис",
    "december dec dezember dez décembre déc decembre diciembre dic dicembre dezembro prosinec "
    "prosince decembrie grudzień grudnia gru joulukuu joulukuuta aralık ara декабрь декабря дек "
    "декември δεκέμβριος δεκεμβρίου δεκ דצמבר דצמ ديسمبر ธ.ค. ธันวาคม detsember gruodžio "
    "decembra tháng12 грудень грудня гру груд",
)
MONTHS = {
    name.rstrip("."): number for number, names in enumerate(_MONTHS, 1) for name in names.split()
}
"""Lower-case name without a final point → 1 to 12."""

AFTERNOON = {"pm", "p.m.", "下午", "晚上", "午后", "午後", "오후", "μμ", "م"}
MORNING = {"am", "a.m.", "上午", "早上", "凌晨", "午前", "오전", "πμ", "ص"}

ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0,
    "est": -300, "edt": -240, "cst": -360, "cdt": -300,
    "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
    "北京时间": 480, "北京時間": 480, "日本時間": 540, "日本标准时间": 540, "한국시간": 540,
}  # fmt: skip
"""Minutes east of UTC: RFC 822 §5.1, and names that include their country. Other names (BST, IST,
JST, CET …) mean several zones or are not defined for feeds, and determine no instant."""
