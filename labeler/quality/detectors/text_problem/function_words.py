"""The most frequent small words of some languages: nearly no sentence is without several of them.

Which language a text is in shows in them sooner than in anything else, and they can be shown as the reason. A word may
be in several lists.
"""

# ruff: noqa: RUF001 - Cyrillic letters look like Latin ones
_LISTS = {
    "en": "the of and a to in is that it was for with as on be this are have from not by but they his her which you",
    "de": "der die das und nicht ist ein eine zu den mit von auf für sich auch dem als wird im wie ich sie aber des",
    "fr": "le la les des et est une dans pour que qui pas sur avec par au ce il elle sont nous vous mais plus du",
    "es": "el la los las de que y en un una por con para no se del como su más pero al lo es está son",
    "it": "il lo la gli di che e un una per con non del della è sono ma anche nel alla dei si le più come",
    "pt": "o os as de que e em um uma para com não por se do da dos na no mais mas foi ao são como",
    "nl": "de het een van en is dat niet op te met voor zijn aan ook er maar om naar ik je wordt bij deze door",
    "sv": "och att det som är en på för av med inte till den har de ett om men var sig så vi kan från jag",
    "da": "og at det er en på for af med ikke til den har de et om men var sig så vi kan fra jeg der",
    "no": "og at det er en på for av med ikke til den har de et om men var seg så vi kan fra jeg som",
    "fi": "ja on ei että se oli hän mutta ovat kun niin myös kuin joka sen ole tai jos mitä nyt vain ollut tämä voi",
    "pl": "i w na z nie się że do jest to jak ale po co za od przez dla jego był czy już tylko są oraz",
    "cs": "a v na se je že to s z do o i jako pro ale by jsem byl jsou za od jeho nebo také už",
    "hu": "a az és hogy nem is egy van ez meg de volt csak már mint ha el még vagy azt ki kell lesz nagyon",
    "ro": "și de în a la cu nu pe că o un să din este pentru mai se care au sau fost dar lui ce ca",
    "tr": "ve bir bu için ile de da çok daha gibi ne olarak olan kadar ama var sonra en ya değil o mi her",
    "vi": "và của là có không được cho một các trong những với người này đã khi để đến ra về từ như nhưng",
    "id": "yang dan di itu dengan untuk tidak ini dari dalam akan pada juga ke karena ada oleh mereka saya kami bisa",
    "hr": "i u je na se da za su od s a kao ne što koji nije to bi ali iz o kako biti sam ili",
    "sw": "na ya wa kwa ni katika la za kuwa hii hiyo cha yake lakini pia kama alisema watu huyo baada sasa moja",
    "ru": "и в не на что с он как это по но из у за от так же для она бы мы они был его все",
    "uk": "і в не на що з він як це по але із у за від так для вона би ми вони був його та до",
    "bg": "и в не на че с той като това по но от за са се да е ще до със има или при към",
}

FUNCTION_WORDS = {language: frozenset(words.split()) for language, words in _LISTS.items()}
"""By the code of the language (ISO 639-1)."""
