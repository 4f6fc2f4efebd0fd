"""The vocabularies and calendars that every district begins with."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from portal.core.access import Actor
from portal.org import actions, queries
from portal.org.models import Vocabulary

CALENDAR_SOURCE = "State Council notice, by chinesecalendar"

TERMS: dict[Vocabulary, tuple[tuple[str, str, str], ...]] = {
    # The five kinds of a street's plan, the eight of Longhua, and what volunteers do most.
    Vocabulary.ACTIVITY_KIND: (
        ("theory", "理论宣讲", "Theory talks"),
        ("education", "市民教育", "Citizen education"),
        ("culture", "文化文艺", "Culture"),
        ("science", "科普", "Popular science"),
        ("fitness", "健身", "Fitness"),
        ("sport", "体育", "Sport"),
        ("contest", "比赛", "Contest"),
        ("festival", "节庆", "Festival"),
        ("heritage", "传统民俗", "Heritage"),
        ("family", "亲子家庭", "Family"),
        ("environment", "环境清洁", "Environment"),
        ("safety", "平安", "Safety"),
        ("care", "邻里关爱", "Neighbour care"),
        ("order", "文明秩序", "Public order"),
        ("publicity", "宣传", "Publicity"),
        ("visits", "入户探访", "Home visits"),
        ("reading", "阅读", "Reading"),
        ("fair", "义工集市", "Volunteer fair"),
    ),
    Vocabulary.FIELD: (
        ("environment", "公共环境", "Public environment"),
        ("order", "公共秩序", "Public order"),
        ("relations", "人际交往", "Human relations"),
        ("welfare", "公益行动", "Public welfare"),
    ),
    Vocabulary.TARGET_GROUP: (
        ("everyone", "所有居民", "Everyone"),
        ("elderly", "老年人", "Older people"),
        ("children", "少年儿童", "Children"),
        ("families", "家庭", "Families"),
        ("youth", "青年", "Young people"),
        ("workers", "快递外卖等新业态劳动者", "Riders and couriers"),
        ("disabled", "残疾人", "People with disabilities"),
        ("members", "党员", "Party members"),
    ),
    Vocabulary.POINT_TYPE: (
        ("grid", "网格服务点", "Grid service point"),
        ("rider_rest", "暖蜂能量驿站", "Riders' rest stop"),
        ("bookroom", "文明书房", "Reading room"),
        ("workshop", "文明实践工坊", "Practice workshop"),
        ("square", "文化广场", "Culture square"),
        ("hall", "便民服务大厅", "Service hall"),
    ),
    Vocabulary.SKILL: (
        ("medical", "医护急救", "First aid and nursing"),
        ("repair", "家电维修", "Repairs"),
        ("teaching", "教学辅导", "Teaching"),
        ("art", "文艺表演", "Performing arts"),
        ("calligraphy", "书法绘画", "Calligraphy and painting"),
        ("law", "法律咨询", "Legal advice"),
        ("psychology", "心理疏导", "Counselling"),
        ("driving", "驾驶", "Driving"),
        ("photo", "摄影摄像", "Photography"),
        ("dialect", "方言外语", "Dialects and languages"),
        ("haircut", "理发", "Haircutting"),
        ("computer", "手机电脑", "Phones and computers"),
    ),
    Vocabulary.SERVICE_KIND: (
        ("elderly_care", "为老服务", "Care for older people"),
        ("child_care", "关爱儿童", "Care for children"),
        ("environment", "环境清洁", "Environment"),
        ("traffic", "文明交通", "Traffic guiding"),
        ("publicity", "宣传宣讲", "Publicity and talks"),
        ("culture", "文化活动", "Cultural events"),
        ("emergency", "应急救助", "Emergency help"),
        ("duty", "窗口值守", "Desk duty"),
    ),
    Vocabulary.WISH_KIND: (
        ("things", "生活用品", "Things for daily life"),
        ("repair", "修修补补", "Repairs"),
        ("company", "陪伴聊天", "Company"),
        ("errand", "代跑代办", "Errands"),
        ("study", "学习成长", "Learning"),
        ("health", "健康照护", "Health and care"),
        ("culture", "文化娱乐", "Culture and leisure"),
        ("place", "身边环境", "Surroundings"),
        ("other", "其他", "Something else"),
    ),
    Vocabulary.FEEDBACK_KIND: (
        ("suggestion", "建议", "Suggestion"),
        ("complaint", "投诉", "Complaint"),
        ("praise", "表扬", "Praise"),
        ("fault", "网站不好用", "Fault of the site"),
        ("other", "其他", "Other"),
    ),
    Vocabulary.VENUE_TYPE: (
        ("service_hall", "政务服务大厅", "Service hall"),
        ("library", "图书馆", "Library"),
        ("square", "广场", "Square"),
        ("hospital", "医院门诊", "Hospital"),
        ("crossing", "路口", "Crossing"),
        ("culture", "文化场馆", "Culture venue"),
        ("patriotic", "爱国主义教育基地", "Patriotic education site"),
        ("mall", "商场", "Shopping mall"),
        ("market", "农贸市场", "Market"),
        ("school", "学校", "School"),
        ("hotel", "酒店", "Hotel"),
        ("park", "公园", "Park"),
        ("transport", "车站", "Railway or bus station"),
        ("road", "责任路段", "Road section"),
        ("community", "社区", "Community"),
        ("other", "其他", "Other"),
    ),
    # What a duty counts besides the people it helped.
    Vocabulary.DUTY_COUNTER: (
        ("guided", "问路引导", "Guided somewhere"),
        ("asked", "业务咨询", "Asked about services"),
        ("assisted", "搀扶协助", "Assisted in person"),
        ("order", "维持秩序", "Queues kept in order"),
        ("crossing", "劝阻闯红灯", "Kept from crossing on red"),
        ("smoking", "劝阻吸烟", "Asked to stop smoking"),
        ("lying", "劝阻躺占座椅", "Asked not to lie on seats"),
        ("litter", "清理垃圾", "Litter picked up"),
        ("bikes", "摆放单车", "Bicycles put in order"),
    ),
    Vocabulary.TEAM_KIND: (
        ("service", "志愿服务队", "Volunteer service team"),
        ("red_armband", "红袖标网格队", "Red armbands of a grid"),
        ("vanguard", "党员先锋队", "Party members' vanguard"),
        ("task_force", "突击队", "Task force"),
        ("mutual_aid", "党群互助组", "Mutual aid group"),
        ("organisation", "社会组织", "Social organisation"),
        ("youth", "青年志愿者队", "Young volunteers"),
        ("other", "其他队伍", "Other team"),
    ),
    Vocabulary.TRAINING: (
        ("first_aid", "急救", "First aid"),
        ("traffic", "交通引导", "Traffic guiding"),
        ("home_visits", "入户礼仪", "Manners on home visits"),
        ("fire", "消防", "Fire safety"),
        ("food", "食品卫生", "Food hygiene"),
        ("children", "未成年人保护", "Protection of minors"),
        ("privacy", "个人信息保护", "Protection of personal data"),
    ),
    # What an activity came to, each in its own unit (清理乱堆放 7823 处, 清运垃圾 32 吨).
    Vocabulary.OUTPUT_COUNTER: (
        ("piles", "清理乱堆放", "Piles cleared"),
        ("corners", "清理卫生死角", "Neglected corners cleaned"),
        ("waste", "清运垃圾", "Waste carried away"),
        ("bikes", "摆放单车", "Bicycles put in order"),
        ("dissuaded", "劝导不文明行为", "Asked to behave"),
        ("hazards", "排查隐患", "Hazards found"),
        ("visited", "探访", "Households visited"),
        ("errands", "帮办代办", "Errands done"),
        ("repairs", "义务维修", "Things repaired"),
        ("haircuts", "义务理发", "Haircuts"),
        ("leaflets", "发放宣传资料", "Leaflets handed out"),
        ("answered", "解答咨询", "Questions answered"),
        ("lent", "借阅图书", "Books lent"),
        ("acts", "文艺节目", "Acts performed"),
        ("sold", "爱心义卖", "Charity sale"),
    ),
    Vocabulary.HONOUR_LEVEL: (
        ("nation", "国家级", "National"),
        ("province", "省级", "Provincial"),
        ("city", "市级", "City"),
        ("district", "区级", "District"),
        ("street", "街道级", "Street"),
        ("community", "社区级", "Community"),
        ("unit", "单位或社会组织", "A unit or an organisation"),
    ),
    Vocabulary.QUALITY: (
        ("excellent", "优秀", "Excellent"),
        ("good", "良好", "Good"),
        ("fair", "合格", "Fair"),
        ("poor", "待改进", "To be improved"),
    ),
}

# For how many months a training holds; one that is not named holds for ever.
TRAINING_MONTHS = {"first_aid": 24, "traffic": 12, "fire": 12, "food": 12, "children": 24}


# Which skill helps with which kind of wish.
HELPS_WITH = (
    ("medical", "health"),
    ("repair", "repair"),
    ("repair", "place"),
    ("teaching", "study"),
    ("art", "culture"),
    ("calligraphy", "culture"),
    ("calligraphy", "study"),
    ("psychology", "company"),
    ("driving", "errand"),
    ("photo", "culture"),
    ("dialect", "company"),
    ("haircut", "health"),
    ("computer", "repair"),
    ("computer", "study"),
    ("law", "errand"),
)


# What an output counter counts in.
COUNTED_IN = {
    "piles": ("处", "places"),
    "corners": ("处", "places"),
    "waste": ("吨", "t"),
    "bikes": ("辆", "bicycles"),
    "dissuaded": ("次", "times"),
    "hazards": ("处", "places"),
    "visited": ("户", "households"),
    "errands": ("件", "errands"),
    "repairs": ("件", "things"),
    "haircuts": ("人", "persons"),
    "leaflets": ("份", "leaflets"),
    "answered": ("人次", "times"),
    "lent": ("本", "books"),
    "acts": ("个", "acts"),
    "sold": ("元", "yuan"),
}

# Which kind of activity usually has which output.
COMES_TO = (
    ("environment", "piles"),
    ("environment", "corners"),
    ("environment", "waste"),
    ("environment", "bikes"),
    ("order", "bikes"),
    ("order", "dissuaded"),
    ("safety", "dissuaded"),
    ("safety", "hazards"),
    ("visits", "visited"),
    ("care", "visited"),
    ("care", "errands"),
    ("visits", "errands"),
    ("fair", "errands"),
    ("care", "repairs"),
    ("fair", "repairs"),
    ("care", "haircuts"),
    ("fair", "haircuts"),
    ("publicity", "leaflets"),
    ("theory", "leaflets"),
    ("science", "leaflets"),
    ("education", "leaflets"),
    ("publicity", "answered"),
    ("science", "answered"),
    ("education", "answered"),
    ("fair", "answered"),
    ("reading", "lent"),
    ("culture", "acts"),
    ("festival", "acts"),
    ("heritage", "acts"),
    ("fair", "sold"),
)


def seed(*, actor: Actor, now: datetime) -> None:
    """Put the vocabularies and the published working calendars in place; twice is harmless.

    What is there already stays as it is: the office may have mended it.
    """
    for vocabulary, entries in TERMS.items():
        actions.add_terms(vocabulary, entries)
    actions.let_hold(Vocabulary.TRAINING, TRAINING_MONTHS)
    actions.link_terms(Vocabulary.SKILL, Vocabulary.WISH_KIND, HELPS_WITH)
    actions.count_in(Vocabulary.OUTPUT_COUNTER, COUNTED_IN)
    actions.link_terms(Vocabulary.ACTIVITY_KIND, Vocabulary.OUTPUT_COUNTER, COMES_TO)
    for year in sorted({*published_years(now.year)} - {*queries.published_years()}):
        actions.import_calendar(year, _days_of(year), CALENDAR_SOURCE, actor=actor, now=now)


def published_years(present: int) -> list[int]:
    """Return the years around the present one that the library knows."""
    return [year for year in range(present - 1, present + 2) if _is_published(year)]


def _is_published(year: int) -> bool:
    from chinese_calendar import is_workday  # noqa: PLC0415  slow to load and needed once

    try:
        is_workday(date(year, 12, 31))
    except NotImplementedError:
        return False
    return True


def _days_of(year: int) -> list[tuple[date, bool, str]]:
    """Return the days of the year that differ from Monday to Friday."""
    from chinese_calendar import get_holiday_detail, is_workday  # noqa: PLC0415  see above

    found = []
    day = date(year, 1, 1)
    while day.year == year:
        works = is_workday(day)
        if works != (day.weekday() < 5):
            found.append((day, works, str(get_holiday_detail(day)[1] or "")))
        day += timedelta(days=1)
    return found
