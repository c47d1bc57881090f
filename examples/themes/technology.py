"""Technologies: artificial intelligence, chips, the cloud, electric cars and quantum computers."""

from examples.clips import Clip, Theme

THEME = Theme(
    "technology",
    topics="technology",
    labels="person, machine, indoor, text",
    clips=(
        Clip(
            slug="ai-at-work",
            title="Artificial intelligence at work: what changed this year",
            language="en-US",
            minutes=26.9,
            topics="technology, business",
            main="ai, artificial intelligence, jobs",
            also="language model, assistant, office, microsoft, training data, copyright, productivity, chatbot, "
            "radiologist, regulation, bias, software, translation, customer service, skills, gpu, prompt",
        ),
        Clip(
            slug="bletchley-park",
            title="Bletchley Park and the birth of computing",
            language="en-GB",
            minutes=44.6,
            topics="history, technology",
            main="bletchley park, alan turing, code breaking",
            also="enigma, colossus, england, computer, cipher, bombe, second world war, huts, mathematics, secret, "
            "museum, rotor, punched tape, logic, valves, wrens, buckinghamshire, heritage",
        ),
        Clip(
            slug="arm-cambridge",
            title="ARM and the chip designers of Cambridge",
            language="en-GB",
            minutes=20.2,
            topics="technology, business",
            main="arm, chip, cambridge",
            also="processor, licence, instruction set, smartphone, acorn, bbc micro, engineer, battery life, "
            "data centre, start-up, architecture, silicon, royalty, ai, university",
        ),
        Clip(
            slug="how-a-chip-is-made",
            title="How a chip is made: four months in a clean room",
            language="en-US",
            minutes=17.8,
            main="chip, clean room, wafer",
            also="lithography, silicon, transistor, mask, ultraviolet, dust, taiwan, etching, robot, yield, nanometer, "
            "semiconductor, water, factory, laser, packaging, shortage",
        ),
        Clip(
            slug="cloud-costs",
            title="Cloud bills: where the money goes and how to get it back",
            language="en-US",
            minutes=33.1,
            topics="technology, business",
            main="cloud, costs, data center",
            also="virtual machine, storage, azure, microsoft, invoice, engineer, serverless, backup, egress, budget, "
            "kubernetes, autoscaling, reserved instance, dashboard, latency, contoso, migration",
        ),
        Clip(
            slug="electric-road-trip",
            title="Electric cars: a charging road trip through England",
            language="en-GB",
            minutes=24.0,
            topics="cars, travel",
            main="electric cars, charging, england",
            also="battery, range, motorway, charger, cornwall, service station, queue, winter, plug, app, tesla, "
            "kilowatt, coffee, heat pump, hill, york, used car",
        ),
        Clip(
            slug="batteriefabrik-sachsen",
            title="Elektroautos: ein Tag in der Batteriefabrik in Sachsen",
            language="de-DE",
            minutes=22.1,
            topics="cars, technology",
            main="elektroautos, batterie, fabrik",
            also="sachsen, zellen, lithium, roboter, schichtarbeit, reichweite, ladesäule, ingenieurin, recycling, "
            "zulieferer, zwickau, fließband, strom, kathode, deutschland, ausbildung",
        ),
        Clip(
            slug="quantum-without-hype",
            title="Quantum computing without the hype",
            language="en-US",
            minutes=29.3,
            main="quantum computer, qubit, physics",
            also="superposition, error correction, entanglement, cryostat, microwave, laboratory, algorithm, "
            "encryption, noise, microsoft, superconducting, chemistry, theorist, laser, cold, simulation",
        ),
        Clip(
            slug="quantum-oxford",
            title="Cold atoms in Oxford: a quantum start-up leaves the laboratory",
            language="en-GB",
            minutes=12.2,
            topics="technology, business",
            main="quantum computer, start-up, oxford",
            also="ion trap, laser, qubit, university, investor, vacuum, engineer, patent, spin-out, physics, "
            "optics bench, funding, cloud",
        ),
    ),
)
