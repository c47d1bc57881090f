"""A news archive on companies. Contoso, Fabrikam and Northwind do not exist; what happens to them is invented."""

from dataclasses import replace

from examples.clips import Clip, Theme

_TEST_BED = Clip(
    slug="rolls-royce-derby-testbed",
    title="Rolls-Royce opens an engine test bed in Derby",
    language="en-GB",
    minutes=9.9,
    created="2024-04-16",
    topics="business, technology",
    main="rolls-royce, derby, test bed",
    also="aero engines, england, turbine, engineers, opening, fan blade, factory, sensors, thrust, hydrogen, "
    "noise, investment, ribbon, jobs",
)

THEME = Theme(
    "companies",
    topics="business",
    labels="person, text, indoor, building",
    clips=(
        Clip(
            slug="rolls-royce-results",
            title="Rolls-Royce results day: the order book for aero engines grows",
            language="en-GB",
            minutes=6.4,
            created="2024-08-01",
            main="rolls-royce, results, aero engines",
            also="order book, profit, shares, airlines, dividend, derby, flying hours, chief executive, cash flow, "
            "defence, analyst, guidance, maintenance",
        ),
        _TEST_BED,
        replace(_TEST_BED, slug="rolls-royce-derby-testbed-copy", created="2024-04-19", copy_of=_TEST_BED.slug),
        Clip(
            slug="rolls-royce-apprentices",
            title="First day on the shop floor: apprentices at Rolls-Royce",
            language="en-GB",
            minutes=13.7,
            created="2024-09-03",
            main="apprentices, rolls-royce, training",
            also="shop floor, overalls, derby, aero engines, skills, mentor, lathe, engineering, school leavers, "
            "college, wages, safety glasses, blueprint, careers",
        ),
        Clip(
            slug="rolls-royce-vintage-rally",
            title="Silver ghosts: a vintage Rolls-Royce rally in the Cotswolds",
            language="en-GB",
            minutes=16.0,
            created="2024-06-09",
            topics="cars, travel",
            main="vintage cars, rolls-royce, rally",
            also="cotswolds, england, silver ghost, bonnet, coachbuilder, picnic, mascot, collector, chauffeur, "
            "hill climb, leather, heritage, country house, polish, spare parts",
        ),
        Clip(
            slug="contoso-layoffs",
            title="Contoso to cut 900 jobs as two plants merge",
            language="en-US",
            minutes=4.8,
            created="2024-03-05",
            topics="business, news",
            main="contoso, layoffs, jobs",
            also="plant, merger, union, severance, ohio, workers, restructuring, savings, chief executive, gate, "
            "town hall, shares",
        ),
        Clip(
            slug="contoso-earnings",
            title="Contoso earnings call: cloud up, devices down",
            language="en-US",
            minutes=11.4,
            created="2024-07-25",
            main="contoso, earnings, cloud",
            also="quarter, revenue, devices, margin, analyst, guidance, subscriptions, inventory, share buyback, "
            "data center, ai, chief financial officer, outlook, layoffs",
        ),
        Clip(
            slug="contoso-streik-leipzig",
            title="Streik bei Contoso: Stillstand im Werk Leipzig",
            language="de-DE",
            minutes=5.6,
            created="2024-11-14",
            topics="business, news",
            main="contoso, streik, leipzig",
            also="gewerkschaft, werk, tarifvertrag, schicht, löhne, betriebsrat, werkstor, verhandlung, deutschland, "
            "angebot, transparent, produktion",
        ),
        Clip(
            slug="fabrikam-sunderland",
            title="Fabrikam opens a battery factory in Sunderland",
            language="en-GB",
            minutes=8.8,
            created="2024-05-21",
            topics="business, cars",
            main="fabrikam, factory, battery",
            also="sunderland, opening, electric cars, jobs, supply chain, robot, mayor, training, port, "
            "investment, wearside, gigafactory, ribbon",
        ),
        Clip(
            slug="fabrikam-brake-scandal",
            title="The Fabrikam brake scandal: who knew what, and when",
            language="en-US",
            minutes=27.0,
            created="2024-10-22",
            topics="business, cars",
            main="fabrikam, brakes, scandal",
            also="recall, whistleblower, regulator, internal memo, engineer, safety, hearing, drivers, test report, "
            "lawsuit, supplier, resignation, compensation, cover-up, electric cars, documents, witness",
        ),
        Clip(
            slug="northwind-delivery-drone",
            title="Northwind Traders launches its delivery drone",
            language="en-US",
            minutes=7.1,
            created="2024-09-17",
            topics="business, technology",
            main="northwind, drone, product launch",
            also="delivery, warehouse, stage demo, battery, parcel, rotor, suburb, camera, price, regulator, customer, "
            "groceries, northwind traders",
        ),
        Clip(
            slug="northwind-accounting",
            title="Northwind accounting scandal: a day at the hearing",
            language="en-US",
            minutes=19.2,
            created="2024-12-05",
            topics="business, news",
            main="northwind, accounting, hearing",
            also="scandal, auditor, invoices, warehouse, committee, testimony, balance sheet, fraud, board, shares, "
            "lawyer, restatement, investor, emails, northwind traders",
        ),
        Clip(
            slug="microsoft-developer-day",
            title="Microsoft developer day: new ai tools in twenty minutes",
            language="en-US",
            minutes=20.6,
            created="2024-05-22",
            topics="technology, business",
            main="microsoft, ai, developers",
            also="keynote, copilot, windows, code editor, product launch, azure, stage demo, laptop, api, open source, "
            "cloud, gpu, preview, assistant, language model, chip",
        ),
        Clip(
            slug="microsoft-contoso-datacentre",
            title="Microsoft and Contoso plan a data centre for the north of England",
            language="en-GB",
            minutes=5.9,
            created="2024-11-27",
            topics="business, technology",
            main="microsoft, contoso, data centre",
            also="leeds, england, cloud, planning permission, electricity, cooling, jobs, council, investment, ai, "
            "farmland, grid",
        ),
        Clip(
            slug="market-close",
            title="Market close: Rolls-Royce, ARM and Microsoft move the indices",
            language="en-GB",
            minutes=2.3,
            created="2024-08-02",
            topics="business, news",
            main="shares, stock market, rolls-royce",
            also="microsoft, arm, ftse, nasdaq, bank of england, traders, interest rates, pound, oil price, chip",
        ),
    ),
)
